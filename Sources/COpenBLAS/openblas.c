#define _GNU_SOURCE
#include "COpenBLAS.h"

#include "choose_kernels.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// As CBLAS numbers them.
enum { row_major = 101, not_transposed = 111, transposed = 112 };

typedef void (*float32_product)(int, int, int, int, int, int, float, const float *, int, const float *,
                                int, float, float *, int);

static float32_product multiply;
static cob_status status;

static void *open_library(void) {
  static const char *const names[] = {"libopenblas.so.0", "libopenblas.so"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (library) return library;
    const char *message = dlerror();
    if (message && strstr(message, "No such file") == NULL) status = COB_REFUSED;
  }
  if (status != COB_REFUSED) status = COB_MISSING;
  return NULL;
}

static void load(void) {
  // Read when the library is loaded. Work is shared out by the callers' own threads.
  static const char variable[] = "OPENBLAS_NUM_THREADS";
  const char *value = getenv(variable);
  char *before = value ? strdup(value) : NULL;
  if ((value && !before) || setenv(variable, "1", 1) != 0) {
    status = COB_REFUSED;
    return;
  }
  void *library = open_library();
  if (before) setenv(variable, before, 1);
  else unsetenv(variable);
  free(before);
  if (library == NULL) return;
  status = COB_LOADED;
  multiply = (float32_product)dlsym(library, "cblas_sgemm");
  if (multiply == NULL) {
    status = COB_MISSING;
    return;
  }
  cob_choose_kernels(library);
  // For builds that read another variable.
  void (*set_thread_count)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
  if (set_thread_count) set_thread_count(1);
}

cob_status cob_load(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return status;
}

// What the library maps for each thread that is in a product (BUFFER_SIZE), and a little.
static const int64_t bytes_of_a_thread = (int64_t)130 << 20;

static int has_room(void) {
  static _Thread_local int is_known;
  if (is_known) return 1;
  // Never written to, so no memory is taken. Unless it is volatile, the compiler leaves both calls out.
  void *volatile room = malloc((size_t)bytes_of_a_thread);
  is_known = room != NULL;
  free(room);
  return is_known;
}

int64_t cob_float32_product(int transpose_a, int transpose_b, int32_t m, int32_t n, int32_t k,
                            const float *a, int32_t lda, const float *b, int32_t ldb, float beta,
                            float *c, int32_t ldc) {
  if (!has_room()) return bytes_of_a_thread;
  multiply(row_major, transpose_a ? transposed : not_transposed,
           transpose_b ? transposed : not_transposed, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
  return 0;
}
