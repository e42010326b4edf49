// Few rows times a matrix of bfloat16 or 8-bit integers, for processors that have instructions for
// it. Others compute in float32.
#include "functions.h"
#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,avx512bf16,avx512vnni"))), \
                             apply_to = function)
#pragma clang attribute push(__attribute__((min_vector_width(512))), apply_to = function)
#define LANES 16
#include "vector.h"

INLINE __m512i load_words(const uint16_t *p, size_t k) {
  return k >= 32 ? _mm512_loadu_si512(p) : _mm512_maskz_loadu_epi16((__mmask32)((1ull << k) - 1), p);
}

INLINE __m512i load_bytes(const void *p, size_t k) {
  return k >= 64 ? _mm512_loadu_si512(p) : _mm512_maskz_loadu_epi8((__mmask64)((1ull << k) - 1), p);
}

#define PRODUCT_NAME bfloat16_rows
#define PRODUCT_INPUT uint16_t
#define PRODUCT_WEIGHT uint16_t
#define PRODUCT_SUM float
#define PRODUCT_STEP 32
#define PRODUCT_VECTOR __m512
#define PRODUCT_WIDE_W __m512i
#define PRODUCT_WIDE_X __m512i
#define PRODUCT_LOAD_X load_words
#define PRODUCT_LOAD_W load_words
#define PRODUCT_ADD(sum, w, x) _mm512_dpbf16_ps(sum, (__m512bh)(w), (__m512bh)(x))
#define PRODUCT_LANES_SUM(v) lanes_sum((vf)(v))
#include "narrow_products.h"

#define PRODUCT_NAME int8_rows
#define PRODUCT_INPUT uint8_t
#define PRODUCT_WEIGHT int8_t
#define PRODUCT_SUM int32_t
#define PRODUCT_STEP 64
#define PRODUCT_VECTOR __m512i
#define PRODUCT_WIDE_W __m512i
#define PRODUCT_WIDE_X __m512i
#define PRODUCT_LOAD_X load_bytes
#define PRODUCT_LOAD_W load_bytes
#define PRODUCT_ADD(sum, w, x) _mm512_dpbusd_epi32(sum, x, w)
#define PRODUCT_LANES_SUM(v) _mm512_reduce_add_epi32(v)
#include "narrow_products.h"

void ck_bfloat16_rows(float *y, size_t ldy, const uint16_t *x, size_t ldx, const uint16_t *w,
                      size_t rows, size_t outputs, size_t inner) {
  kernel_bfloat16_rows(y, ldy, x, ldx, w, rows, outputs, inner);
}

void ck_int8_rows(int32_t *y, size_t ldy, const uint8_t *x, size_t ldx, const int8_t *w,
                  size_t rows, size_t outputs, size_t inner) {
  kernel_int8_rows(y, ldy, x, ldx, w, rows, outputs, inner);
}
#pragma clang attribute pop
#pragma clang attribute pop

int ck_has_narrow_rows(void) {
  __builtin_cpu_init();
  return ck_current_level() == CK_AVX512 && __builtin_cpu_supports("avx512bf16") &&
         __builtin_cpu_supports("avx512vnni");
}
#else
int ck_has_narrow_rows(void) { return 0; }

void ck_bfloat16_rows(float *y, size_t ldy, const uint16_t *x, size_t ldx, const uint16_t *w,
                      size_t rows, size_t outputs, size_t inner) {
  __builtin_trap();
}

void ck_int8_rows(int32_t *y, size_t ldy, const uint8_t *x, size_t ldx, const int8_t *w,
                  size_t rows, size_t outputs, size_t inner) {
  __builtin_trap();
}
#endif
