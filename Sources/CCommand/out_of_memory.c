// Ends a command with one line and exit code 74 where the system refuses it memory: Swift would crash, OpenBLAS
// would wait for ever, and oneDNN would call the code that it could not generate.
//
// These functions take the place of the C library's in the executables, for their libraries too.

#include "ending.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

// Sanitizers have their own.
#if defined(__GLIBC__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

// More than any machine has is asked for because of a damaged file, by a library that can take a refusal.
static int is_possible(size_t bytes) {
  size_t pages = (size_t)sysconf(_SC_PHYS_PAGES), page = (size_t)sysconf(_SC_PAGESIZE);
  return bytes / page <= pages;
}

static void end(size_t bytes) {
  if (!is_possible(bytes)) return;
  char problem[120];
  snprintf(problem, sizeof problem,
           "out of memory: the system refuses another %zu KiB (see ulimit -v)", (bytes + 1023) / 1024);
  cc_end(problem);
}

void *malloc(size_t bytes) {
  void *memory = __libc_malloc(bytes);
  if (memory == NULL) end(bytes);
  return memory;
}

void *calloc(size_t count, size_t bytes) {
  void *memory = __libc_calloc(count, bytes);
  if (memory == NULL && bytes > 0 && count <= PTRDIFF_MAX / bytes) end(count * bytes);
  return memory;
}

void *realloc(void *before, size_t bytes) {
  void *memory = __libc_realloc(before, bytes);
  if (memory == NULL && bytes > 0) end(bytes);
  return memory;
}

void *memalign(size_t alignment, size_t bytes) {
  void *memory = __libc_memalign(alignment, bytes);
  if (memory == NULL) end(bytes);
  return memory;
}

void *aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  void *found = memalign(alignment, bytes);
  if (found == NULL) return ENOMEM;
  *memory = found;
  return 0;
}

// Only what isn't of a file: for generated code.
void *mmap(void *address, size_t bytes, int protection, int flags, int file, off_t offset) {
  void *memory = (void *)syscall(SYS_mmap, address, bytes, protection, flags, file, offset);
  if (memory == MAP_FAILED && errno == ENOMEM && (flags & MAP_ANONYMOUS)) end(bytes);
  return memory;
}

#endif
