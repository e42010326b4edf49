// Ends a command with one line and exit code 74 where libdispatch is refused a thread: it would try again, for
// ever. Our own threads can be done without, or their errors say what they were for.
//
// The function takes the place of the C library's in the executables.
#define _GNU_SOURCE
#include "ending.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

// Sanitizers have their own.
#if defined(__GLIBC__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

typedef int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *),
                   void *argument) {
  create real = (create)dlsym(RTLD_NEXT, "pthread_create");
  int code = real(thread, attributes, body, argument);
  Dl_info caller;
  if (code != 0 && dladdr(__builtin_return_address(0), &caller) != 0 && caller.dli_fname != NULL &&
      strstr(caller.dli_fname, "libdispatch") != NULL) {
    cc_end("a thread can't be started: the system refuses it (see ulimit -u and ulimit -v)");
  }
  return code;
}

#endif
