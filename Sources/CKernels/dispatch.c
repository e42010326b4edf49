// The choice of a variant, and the public functions, which go through its table.
#include "functions.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *name;
  const ck_kernels *kernels;
} levels[] = {
    [CK_BASELINE] = {"baseline", &ck_kernels_baseline},
#if defined(__x86_64__)
    [CK_AVX2] = {"avx2", &ck_kernels_avx2},
    [CK_AVX512] = {"avx512", &ck_kernels_avx512},
    [CK_AVX512_VNNI] = {"avx512vnni", &ck_kernels_avx512_vnni},
    [CK_AVX512_BF16] = {"avx512bf16", &ck_kernels_avx512_bf16},
#endif
};
static const int level_count = sizeof levels / sizeof *levels;

// The highest level of this processor: on all processors that exist, a level includes those before it.
static ck_level processor_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  // The features that compilers use for x86-64-v3 and -v4, as far as they can be queried one by one; no
  // processor has these without the others.
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
      !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2")) {
    return CK_BASELINE;
  }
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512cd") || !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512vl")) {
    return CK_AVX2;
  }
  if (!__builtin_cpu_supports("avx512vnni")) return CK_AVX512;
  return __builtin_cpu_supports("avx512bf16") ? CK_AVX512_BF16 : CK_AVX512_VNNI;
#else
  return CK_BASELINE;
#endif
}

ck_level ck_best_level(void) {
  const ck_level best = processor_level();
  const char *wanted = getenv("MUSICCAPTIONER_ISA");
  if (wanted == NULL) return best;
  for (int level = CK_BASELINE; level < (int)best; level++) {
    if (strcmp(wanted, levels[level].name) == 0) return (ck_level)level;
  }
  return best;
}

// NULL until the first use. Threads that get here first at the same time choose the same table.
static _Atomic(const ck_kernels *) chosen;

// What ck_set_level chose, for its own thread only: tests run at once, and one that goes through
// the variants must not change another's last digits in the middle of a computation.
static _Thread_local const ck_kernels *chosen_here;

static const ck_kernels *choose(void) {
  const ck_kernels *best = levels[ck_best_level()].kernels;
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
  int level = level_count - 1;
  while (level > CK_BASELINE && table != levels[level].kernels) level--;
  return (ck_level)level;
}

int ck_set_level(ck_level level) {
  if (level > processor_level()) return 0;
  chosen_here = levels[level].kernels;
  return 1;
}

const char *ck_level_name(ck_level level) {
  return (int)level < level_count ? levels[level].name : "unknown";
}

#define CK_PUBLIC(result, name, parameters, arguments) \
  result ck_##name parameters { return kernels()->name arguments; }
CK_FUNCTIONS(CK_PUBLIC)
