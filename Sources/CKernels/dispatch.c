// The choice of a variant, and the public functions, which go through its table.
#include "functions.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static int has_level(ck_level level) {
  if (level == CK_BASELINE) return 1;
#if defined(__x86_64__)
  __builtin_cpu_init();
  // The features that compilers use for x86-64-v3 and -v4, as far as they can be asked for one by
  // one; no processor has these without the others.
  const int v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                 __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  if (level == CK_AVX2) return v3;
  if (level == CK_AVX512) {
    return v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
  }
#endif
  return 0;
}

static const ck_kernels *kernels_of(ck_level level) {
#if defined(__x86_64__)
  if (level == CK_AVX512) return &ck_kernels_avx512;
  if (level == CK_AVX2) return &ck_kernels_avx2;
#endif
  (void)level;
  return &ck_kernels_baseline;
}

ck_level ck_best_level(void) {
  ck_level best = has_level(CK_AVX512) ? CK_AVX512 : has_level(CK_AVX2) ? CK_AVX2 : CK_BASELINE;
  const char *wanted = getenv("MUSICCAPTIONER_ISA");
  if (wanted == NULL) return best;
  for (int level = CK_BASELINE; level < (int)best; level++) {
    if (strcmp(wanted, ck_level_name((ck_level)level)) == 0) return (ck_level)level;
  }
  return best;
}

// NULL until the first use. Threads that come first at once choose the same table.
static _Atomic(const ck_kernels *) chosen;

// What ck_set_level chose, for its own thread only: tests run at once, and one that goes through
// the variants must not change another's last digits in the middle of a computation.
static _Thread_local const ck_kernels *chosen_here;

static const ck_kernels *choose(void) {
  const ck_kernels *best = kernels_of(ck_best_level());
  atomic_store_explicit(&chosen, best, memory_order_relaxed);
  return best;
}

static inline const ck_kernels *kernels(void) {
  if (chosen_here) return chosen_here;
  const ck_kernels *table = atomic_load_explicit(&chosen, memory_order_relaxed);
  return table ? table : choose();
}

ck_level ck_current_level(void) {
  const ck_kernels *table = kernels();
#if defined(__x86_64__)
  if (table == &ck_kernels_avx512) return CK_AVX512;
  if (table == &ck_kernels_avx2) return CK_AVX2;
#endif
  (void)table;
  return CK_BASELINE;
}

int ck_set_level(ck_level level) {
  if (!has_level(level)) return 0;
  chosen_here = kernels_of(level);
  return 1;
}

const char *ck_level_name(ck_level level) {
  switch (level) {
    case CK_BASELINE: return "baseline";
    case CK_AVX2: return "avx2";
    case CK_AVX512: return "avx512";
  }
  return "unknown";
}

#define CK_PUBLIC(result, name, parameters, arguments) \
  result ck_##name parameters { return kernels()->name arguments; }
CK_FUNCTIONS(CK_PUBLIC)
