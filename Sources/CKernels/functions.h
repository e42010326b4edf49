// Every dispatched function once: result, name without ck_, parameters, arguments. The table of a
// variant, and the public functions that go through it, are made from this list.
#pragma once

#include "CKernels.h"

#define CK_FUNCTIONS(X)                                                                            \
  X(void, add, (float *y, const float *a, const float *b, size_t n), (y, a, b, n))                 \
  X(void, accumulate, (float *y, const float *a, size_t n), (y, a, n))                             \
  X(void, scale, (float *y, const float *a, float s, size_t n), (y, a, s, n))                      \
  X(void, multiply, (float *y, const float *a, const float *b, size_t n), (y, a, b, n))            \
  X(void, add_bias, (float *x, const float *bias, size_t rows, size_t width),                      \
    (x, bias, rows, width))                                                                        \
  X(void, gelu, (float *y, const float *x, size_t n), (y, x, n))                                   \
  X(void, gelu_backward, (float *dx, const float *dy, const float *x, size_t n), (dx, dy, x, n))   \
  X(void, dropout, (float *y, const float *x, size_t n, uint64_t key, uint64_t first, float p),    \
    (y, x, n, key, first, p))                                                                      \
  X(void, dropout_add,                                                                             \
    (float *y, const float *x, const float *residual, size_t n, uint64_t key, uint64_t first,      \
     float p),                                                                                     \
    (y, x, residual, n, key, first, p))                                                            \
  X(void, layer_norm,                                                                              \
    (float *y, float *mean, float *rstd, const float *x, const float *scale, const float *shift,    \
     size_t rows, size_t width, float epsilon),                                                    \
    (y, mean, rstd, x, scale, shift, rows, width, epsilon))                                         \
  X(void, layer_norm_backward,                                                                     \
    (float *dx, float *dscale, float *dshift, const float *dy, const float *x, const float *mean,  \
     const float *rstd, const float *scale, size_t rows, size_t width),                             \
    (dx, dscale, dshift, dy, x, mean, rstd, scale, rows, width))                                    \
  X(void, softmax,                                                                                 \
    (float *x, size_t rows, size_t width, size_t stride, float scale, long causal),                \
    (x, rows, width, stride, scale, causal))                                                       \
  X(void, softmax_backward,                                                                        \
    (float *d, const float *p, size_t rows, size_t width, size_t stride, float scale),             \
    (d, p, rows, width, stride, scale))                                                            \
  X(double, cross_entropy,                                                                         \
    (float *logits, const int32_t *targets, size_t rows, size_t width, float smoothing),           \
    (logits, targets, rows, width, smoothing))                                                     \
  X(float, log_sum_exp, (const float *x, size_t n), (x, n))                                        \
  X(void, column_sum, (float *sum, const float *x, size_t rows, size_t width),                     \
    (sum, x, rows, width))                                                                         \
  X(void, transpose, (float *y, const float *x, size_t rows, size_t columns),                      \
    (y, x, rows, columns))                                                                         \
  X(double, sum, (const float *x, size_t n), (x, n))                                               \
  X(double, sum_of_squares, (const float *x, size_t n), (x, n))                                    \
  X(size_t, first_above, (const float *x, size_t n, float threshold), (x, n, threshold))           \
  X(void, attend,                                                                                  \
    (float *out, const float *q, const float *k, const float *v, const int32_t *index,             \
     size_t count, size_t stride, size_t head_width, float scale, float *scratch),                 \
    (out, q, k, v, index, count, stride, head_width, scale, scratch))                              \
  X(void, attend_bfloat16,                                                                         \
    (float *out, const float *q, const uint16_t *k, const uint16_t *v, const int32_t *index,       \
     size_t count, size_t stride, size_t head_width, float scale, float *scratch),                 \
    (out, q, k, v, index, count, stride, head_width, scale, scratch))                              \
  X(int32_t, quantize_signed, (int8_t *y, float *scale, const float *x, size_t n),                 \
    (y, scale, x, n))                                                                              \
  X(void, quantize_unsigned, (uint8_t *y, float *scale, const float *x, size_t n),                 \
    (y, scale, x, n))                                                                              \
  X(void, product_rows,                                                                            \
    (float *y, size_t ldy, const float *x, size_t ldx, const float *w, size_t rows,                \
     size_t outputs, size_t inner),                                                                \
    (y, ldy, x, ldx, w, rows, outputs, inner))                                                     \
  X(void, bfloat16_panels,                                                                         \
    (float *y, size_t ldy, const uint16_t *x, size_t ldx, const void *panels,                      \
     const ck_panel_epilogue *epilogue, size_t rows, size_t outputs, size_t inner),                    \
    (y, ldy, x, ldx, panels, epilogue, rows, outputs, inner))                                        \
  X(int, compact_panel, (void *compact, const void *panel, size_t inner),                          \
    (compact, panel, inner))                                                                       \
  X(void, compact_panels,                                                                          \
    (float *y, size_t ldy, const uint16_t *x, size_t ldx, const void *panels,                      \
     const ck_panel_epilogue *epilogue, size_t rows, size_t outputs, size_t inner, void *scratch),     \
    (y, ldy, x, ldx, panels, epilogue, rows, outputs, inner, scratch))                               \
  X(void, int8_panels,                                                                             \
    (float *y, size_t ldy, const uint8_t *x, size_t ldx, const void *panels,                       \
     const ck_panel_epilogue *epilogue, size_t rows, size_t outputs, size_t inner),                    \
    (y, ldy, x, ldx, panels, epilogue, rows, outputs, inner))                                        \
  X(double, adamw,                                                                                 \
    (float *p, float *m, float *v, const float *g, size_t n, const ck_adamw_options *options),     \
    (p, m, v, g, n, options))                                                                      \
  X(void, power_spectrum,                                                                          \
    (float *y, const float *z, const float *cosines, const float *sines, size_t n, int real_only), \
    (y, z, cosines, sines, n, real_only))                                                          \
  X(void, weighted_rows,                                                                           \
    (float *y, const float *x, const float *weights, size_t rows, size_t width),                   \
    (y, x, weights, rows, width))                                                                  \
  X(void, decibels, (float *y, const float *x, size_t n), (y, x, n))                               \
  X(void, float_to_bfloat16, (uint16_t *y, const float *x, size_t n), (y, x, n))

typedef struct {
#define CK_MEMBER(result, name, parameters, arguments) result(*name) parameters;
  CK_FUNCTIONS(CK_MEMBER)
#undef CK_MEMBER
} ck_kernels;

extern const ck_kernels ck_kernels_baseline;
#if defined(__x86_64__)
extern const ck_kernels ck_kernels_avx2;
extern const ck_kernels ck_kernels_avx512;
extern const ck_kernels ck_kernels_avx512_vnni;
extern const ck_kernels ck_kernels_avx512_bf16;
#endif
