// Ends a command with one line and exit code 74 where the system refuses it memory: Swift would crash, OpenBLAS
// would wait forever, and oneDNN would call the code that it could not generate.
//
// These functions take the place of the C library's in the executables, for their libraries too.
#define _GNU_SOURCE
#include "ending.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef CC_REPLACES_LIBC

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

_Noreturn static void end(size_t bytes) {
  char problem[120];
  snprintf(problem, sizeof problem,
           "out of memory: the system refuses another %zu KiB (see ulimit -v)", bytes / 1024 + 1);
  cc_end(problem);
}

// A damaged file can make a library ask for more than any machine has; such a library copes with a refusal.
static void end_if_possible(size_t bytes) {
  size_t pages = (size_t)sysconf(_SC_PHYS_PAGES), page = (size_t)sysconf(_SC_PAGESIZE);
  if (bytes / page <= pages) end(bytes);
}

void *malloc(size_t bytes) {
  void *memory = __libc_malloc(bytes);
  if (memory == NULL) end_if_possible(bytes);
  return memory;
}

void *calloc(size_t count, size_t bytes) {
  void *memory = __libc_calloc(count, bytes);
  if (memory == NULL && bytes > 0 && count <= PTRDIFF_MAX / bytes) end_if_possible(count * bytes);
  return memory;
}

void *realloc(void *before, size_t bytes) {
  void *memory = __libc_realloc(before, bytes);
  if (memory == NULL && bytes > 0) end_if_possible(bytes);
  return memory;
}

// For tensors, and for what libraries compute with.
void *memalign(size_t alignment, size_t bytes) {
  void *memory = __libc_memalign(alignment, bytes);
  if (memory == NULL && errno == ENOMEM) end(bytes);
  return memory;
}

void *aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  if (alignment == 0 || alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0) {
    return EINVAL;
  }
  void *found = memalign(alignment, bytes);
  if (found == NULL) return errno;
  *memory = found;
  return 0;
}

// Only memory without a file, such as that for generated code: a file can be read instead, and huge pages and
// reserved addresses are only tried for.
void *mmap(void *address, size_t bytes, int protection, int flags, int file, off_t offset) {
  void *memory = (void *)syscall(SYS_mmap, address, bytes, protection, flags, file, offset);
  if (memory == MAP_FAILED && errno == ENOMEM && (flags & MAP_ANONYMOUS) && !(flags & MAP_HUGETLB) &&
      protection != PROT_NONE) {
    end(bytes);
  }
  return memory;
}

#endif
