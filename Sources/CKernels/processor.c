// What the process may run on, and the kernels that OpenBLAS chose for it.
#define _GNU_SOURCE
#include "CKernels.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
#endif

int ck_processor_count(void) {
#if defined(__linux__)
  // A fixed set holds 1,024 processors; larger machines need a larger one.
  for (int possible = 1024; possible <= 1 << 16; possible *= 4) {
    cpu_set_t *set = CPU_ALLOC((size_t)possible);
    if (set == NULL) break;
    const size_t size = CPU_ALLOC_SIZE((size_t)possible);
    const int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
    CPU_FREE(set);
    if (count > 0) return count;
  }
#endif
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}

#if defined(__x86_64__)
// OpenBLAS's name of the kernels for this processor's AVX-512; NULL where it has none.
static const char *avx512_core(void) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl")) {
    return NULL;
  }
  return __builtin_cpu_supports("avx512bf16") ? "COOPERLAKE" : "SKYLAKEX";
}

// OpenBLAS reads the variable when it is loaded, before any code of ours; its own functions let it
// read again. They are exported only by builds for several processors (DYNAMIC_ARCH).
static void select_blas_kernels(void) {
  static const char variable[] = "OPENBLAS_CORETYPE";
  if (getenv(variable) != NULL) return;
  const char *wanted = avx512_core();
  if (wanted == NULL) return;
  void (*quit)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "gotoblas_dynamic_quit");
  void (*init)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "gotoblas_dynamic_init");
  char *(*name)(void) = (char *(*)(void))dlsym(RTLD_DEFAULT, "openblas_get_corename");
  if (quit == NULL || init == NULL || name == NULL) return;
  const char *current = name();
  if (current == NULL || (strcasecmp(current, "haswell") != 0 && strcasecmp(current, "zen") != 0)) {
    return;
  }
  if (setenv(variable, wanted, 1) != 0) return;
  quit();
  init();
  unsetenv(variable);
}
#else
static void select_blas_kernels(void) {}
#endif

void ck_select_blas_kernels(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, select_blas_kernels);
}
