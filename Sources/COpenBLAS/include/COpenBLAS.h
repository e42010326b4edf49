// Products of matrices through OpenBLAS, which is loaded at run time.
//
// Linked, it would start a thread for each processor, and give each 128 MiB of addresses, before any code of
// ours could say that none is needed; and where the system refuses those, it ends the process or waits forever.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  COB_LOADED,
  COB_MISSING,  // there is no such library
  COB_REFUSED,  // it is there, but the system can't load it
} cob_status;

// Loads the library and chooses its kernels; once, before the first product.
cob_status cob_load(void);

// c [m, n] = op(a) · op(b) + beta · c, where op transposes if asked. All matrices are row-major; each call
// runs on the calling thread only. Returns 0 on success, or the bytes that the library needs for a thread and the
// system refuses: it would wait for them forever. Another thread may still take them in between.
int64_t cob_float32_product(int transpose_a, int transpose_b, int32_t m, int32_t n, int32_t k,
                            const float *a, int32_t lda, const float *b, int32_t ldb, float beta,
                            float *c, int32_t ldc);

#ifdef __cplusplus
}
#endif
