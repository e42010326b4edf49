#define _GNU_SOURCE
#include "COneDNN.h"

#include "keep_kernels.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>

typedef int (*float32_product)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t,
                               const float *, int64_t, float, float *, int64_t);
typedef int (*bfloat16_product)(char, char, int64_t, int64_t, int64_t, float, const uint16_t *,
                                int64_t, const uint16_t *, int64_t, float, float *, int64_t);

static float32_product multiply_float32;
static bfloat16_product multiply_bfloat16;
static void (*set_thread_count)(int);

static void load(void) {
  static const char *const names[] = {"libdnnl.so.3", "libdnnl.so.2", "libdnnl.so"};
  void *library = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && library == NULL; i++) {
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  }
  if (library == NULL) return;
  cod_keep_kernels(library);
  multiply_float32 = (float32_product)dlsym(library, "dnnl_sgemm");
  multiply_bfloat16 = (bfloat16_product)dlsym(library, "dnnl_gemm_bf16bf16f32");
  // From the OpenMP library that oneDNN loads; a build with other threads has none.
  set_thread_count = (void (*)(int))dlsym(library, "omp_set_num_threads");
}

static void load_once(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
}

// OpenMP keeps the number of threads for each calling thread.
static void run_on_this_thread_only(void) {
  static _Thread_local int is_set;
  if (is_set) return;
  is_set = 1;
  if (set_thread_count) set_thread_count(1);
}

// Signals that the processor raises for an instruction stay unblocked: blocked, they would end the process
// without a crash report.
static void fill_with_blockable(sigset_t *signals) {
  static const int raised_by_instructions[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
  sigfillset(signals);
  for (size_t i = 0; i < sizeof raised_by_instructions / sizeof *raised_by_instructions; i++) {
    sigdelset(signals, raised_by_instructions[i]);
  }
}

static _Thread_local int is_shielded;

void cod_shield_this_thread(const char *name) {
  sigset_t signals;
  fill_with_blockable(&signals);
  is_shielded = pthread_sigmask(SIG_BLOCK, &signals, NULL) == 0;
  if (name) pthread_setname_np(pthread_self(), name);
}

// Blocks signals during a product on threads that aren't shielded, at two system calls each.
static int shield(sigset_t *before) {
  if (is_shielded) return 0;
  sigset_t signals;
  fill_with_blockable(&signals);
  return pthread_sigmask(SIG_BLOCK, &signals, before) == 0;
}

static void unshield(int was_needed, const sigset_t *before) {
  if (was_needed) pthread_sigmask(SIG_SETMASK, before, NULL);
}

int cod_has_float32(void) {
  load_once();
  return multiply_float32 != NULL;
}

int cod_has_bfloat16(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx512bf16")) return 0;
  load_once();
  return multiply_bfloat16 != NULL;
#else
  return 0;
#endif
}

int cod_float32_product(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k,
                        const float *a, int64_t lda, const float *b, int64_t ldb, float beta,
                        float *c, int64_t ldc) {
  if (!cod_has_float32()) return -1;
  run_on_this_thread_only();
  sigset_t before;
  int was_needed = shield(&before);
  int status = multiply_float32(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1, a, lda, b,
                          ldb, beta, c, ldc);
  unshield(was_needed, &before);
  return status;
}

int cod_bfloat16_product(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k,
                         const uint16_t *a, int64_t lda, const uint16_t *b, int64_t ldb,
                         float beta, float *c, int64_t ldc) {
  if (!cod_has_bfloat16()) return -1;
  run_on_this_thread_only();
  sigset_t before;
  int was_needed = shield(&before);
  int status = multiply_bfloat16(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1, a, lda, b,
                           ldb, beta, c, ldc);
  unshield(was_needed, &before);
  return status;
}
