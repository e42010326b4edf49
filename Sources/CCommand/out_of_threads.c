// Ends a command with one line and exit code 74 where libdispatch is refused a thread: it would try again, forever.
// Our own threads are optional, or have errors of their own.
//
// The function takes the place of the C library's in the executables. With a static runtime, libdispatch isn't
// recognized.
#define _GNU_SOURCE
#include "ending.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#ifdef CC_REPLACES_LIBC

typedef int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

static int is_libdispatch(void *address) {
  Dl_info library;
  if (dladdr(address, &library) == 0 || library.dli_fname == NULL) return 0;
  const char *slash = strrchr(library.dli_fname, '/');
  return strncmp(slash ? slash + 1 : library.dli_fname, "libdispatch", strlen("libdispatch")) == 0;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *),
                   void *argument) {
  create real = (create)dlsym(RTLD_NEXT, "pthread_create");
  int code = real(thread, attributes, body, argument);
  if (code != 0 && is_libdispatch(__builtin_return_address(0))) {
    cc_end("a thread can't be started: the system refuses it (see ulimit -u and ulimit -v)");
  }
  return code;
}

#endif
