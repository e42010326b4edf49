// The processors that the process may run on, subnormal numbers of a thread, and OpenBLAS's choice of
// kernels.
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
// Flush results to zero (bit 15), and take inputs as zero (bit 6).
static const unsigned flushing = 0x8040;
static unsigned control(void) { return __builtin_ia32_stmxcsr(); }
static void set_control(unsigned word) { __builtin_ia32_ldmxcsr(word); }
#elif defined(__aarch64__)
static const uint64_t flushing = 1 << 24;
static uint64_t control(void) { return __builtin_arm_rsr64("fpcr"); }
static void set_control(uint64_t word) { __builtin_arm_wsr64("fpcr", word); }
#else
static const unsigned flushing = 0;
static unsigned control(void) { return 0; }
static void set_control(unsigned word) { (void)word; }
#endif

int ck_flush_subnormals(int flush) {
  const int before = (control() & flushing) != 0;
  // Setting the register makes the processor finish what it has begun: done only for a change.
  if (before != !!flush) set_control(flush ? control() | flushing : control() & ~flushing);
  return before;
}

#if defined(__x86_64__)
// OpenBLAS's names of the kernels to choose from.
static const char *const blas_avx2 = "HASWELL", *const blas_avx512 = "SKYLAKEX",
                         *const blas_bfloat16 = "COOPERLAKE";

static const char *wanted_blas_kernels(void) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return NULL;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl")) {
    return blas_avx2;
  }
  return __builtin_cpu_supports("avx512bf16") ? blas_bfloat16 : blas_avx512;
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
    if (strcasecmp(current, with_avx2[i]) == 0) return wanted != blas_avx2;
  }
  return 0;
}

// OpenBLAS reads the variable when it is loaded, before any code of ours; functions of its own make it read
// it again. Only builds for several processors (DYNAMIC_ARCH) export them.
static void select_blas_kernels(void) {
  static const char variable[] = "OPENBLAS_CORETYPE";
  if (getenv(variable) != NULL) return;
  const char *wanted = wanted_blas_kernels();
  if (wanted == NULL) return;
  void (*quit)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "gotoblas_dynamic_quit");
  void (*init)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "gotoblas_dynamic_init");
  char *(*name)(void) = (char *(*)(void))dlsym(RTLD_DEFAULT, "openblas_get_corename");
  if (quit == NULL || init == NULL || name == NULL) return;
  const char *current = name();
  if (current == NULL || !use_less(current, wanted)) return;
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
