// OpenBLAS takes some newer processors for older ones, down to a Prescott without AVX.
#define _GNU_SOURCE
#include "choose_kernels.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <strings.h>

#if defined(__x86_64__)
// Its names of the kernels to choose from.
static const char *const avx2 = "HASWELL", *const avx512 = "SKYLAKEX",
                         *const bfloat16 = "COOPERLAKE";

static const char *wanted_kernels(void) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return NULL;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl")) {
    return avx2;
  }
  return __builtin_cpu_supports("avx512bf16") ? bfloat16 : avx512;
}

// Whether a choice of kernels uses fewer instructions than the wanted one.
static int use_less(const char *current, const char *wanted) {
  static const char *const without_avx2[] = {"prescott", "core2", "penryn", "dunnington", "nehalem",
                                             "sandybridge", "atom", "barcelona", "bulldozer"};
  static const char *const with_avx2[] = {"haswell", "zen"};
  for (size_t i = 0; i < sizeof without_avx2 / sizeof *without_avx2; i++) {
    if (strcasecmp(current, without_avx2[i]) == 0) return 1;
  }
  for (size_t i = 0; i < sizeof with_avx2 / sizeof *with_avx2; i++) {
    if (strcasecmp(current, with_avx2[i]) == 0) return wanted != avx2;
  }
  return 0;
}

// What OpenBLAS chooses is known when it is loaded. Functions of its own make it choose again; only builds for
// several processors (DYNAMIC_ARCH) export them.
void cob_choose_kernels(void *library) {
  static const char variable[] = "OPENBLAS_CORETYPE";
  if (getenv(variable) != NULL) return;
  const char *wanted = wanted_kernels();
  if (wanted == NULL) return;
  void (*quit)(void) = (void (*)(void))dlsym(library, "gotoblas_dynamic_quit");
  void (*init)(void) = (void (*)(void))dlsym(library, "gotoblas_dynamic_init");
  char *(*name)(void) = (char *(*)(void))dlsym(library, "openblas_get_corename");
  if (quit == NULL || init == NULL || name == NULL) return;
  const char *current = name();
  if (current == NULL || !use_less(current, wanted)) return;
  if (setenv(variable, wanted, 1) != 0) return;
  quit();
  init();
  unsetenv(variable);
}
#else
void cob_choose_kernels(void *library) { (void)library; }
#endif
