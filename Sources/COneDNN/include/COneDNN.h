// Products of matrices through oneDNN, which is loaded at run time.
//
// Two functions of the library are used, whose C signatures are the same in its versions 2 and 3, so
// that neither headers nor a version are needed to build, and a machine without the library still
// runs everything in float32 through BLAS. All matrices are row-major; each call runs on the calling thread only.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// 1 if oneDNN was found.
int cod_has_float32(void);
// 1 if it was, and this processor has instructions for bfloat16 products.
int cod_has_bfloat16(void);

// The library's generated code moves the stack pointer into the heap while it computes. A signal handler
// that runs then, on that thread, overwrites live memory; so signals are blocked around every product.
// This blocks them on the calling thread permanently, which saves each product two system calls. The thread
// gets the name, of fifteen characters at most; NULL leaves it as it is.
void cod_shield_this_thread(const char *name);

// c [m, n] = op(a) · op(b) + beta · c, where op transposes if asked; float32 sums.
// Return 0 on success.
int cod_float32_product(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k,
                        const float *a, int64_t lda, const float *b, int64_t ldb, float beta,
                        float *c, int64_t ldc);
int cod_bfloat16_product(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k,
                         const uint16_t *a, int64_t lda, const uint16_t *b, int64_t ldb,
                         float beta, float *c, int64_t ldc);

#ifdef __cplusplus
}
#endif
