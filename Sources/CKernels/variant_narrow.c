// Products with matrices of bfloat16 or 8-bit integers, for processors that have instructions for it.
// Others compute in float32.
#include "functions.h"
#include <string.h>

void ck_panel_output(void *panel, size_t output, const void *row, size_t bytes) {
  char *to = (char *)panel + 4 * output;
  const char *from = row;
  for (size_t i = 0; i < bytes; i += 4, to += 4 * CK_PANEL) {
    uint32_t word = 0;
    memcpy(&word, from + i, bytes - i < 4 ? bytes - i : 4);
    memcpy(to, &word, sizeof word);
  }
}

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,avx512bf16,avx512vnni"))), \
                             apply_to = function)
#pragma clang attribute push(__attribute__((min_vector_width(512))), apply_to = function)
#define INLINE static inline __attribute__((always_inline, unused))

#define PANEL_NAME bfloat16_panels
#define PANEL_INPUT uint16_t
#define PANEL_SUM float
#define PANEL_VECTOR __m512
#define PANEL_ADD(sum, weights, word) \
  _mm512_dpbf16_ps(sum, (__m512bh)(weights), (__m512bh)(word))
#include "panel_products.h"

#define PANEL_NAME int8_panels
#define PANEL_INPUT uint8_t
#define PANEL_SUM int32_t
#define PANEL_VECTOR __m512i
#define PANEL_ADD(sum, weights, word) _mm512_dpbusd_epi32(sum, word, weights)
#include "panel_products.h"

void ck_bfloat16_panels(float *y, size_t ldy, const uint16_t *x, size_t ldx, const void *panels,
                        size_t rows, size_t outputs, size_t inner) {
  kernel_bfloat16_panels(y, ldy, x, ldx, panels, rows, outputs, inner);
}

void ck_int8_panels(int32_t *y, size_t ldy, const uint8_t *x, size_t ldx, const void *panels,
                    size_t rows, size_t outputs, size_t inner) {
  kernel_int8_panels(y, ldy, x, ldx, panels, rows, outputs, inner);
}
#pragma clang attribute pop
#pragma clang attribute pop

int ck_has_narrow_products(void) {
  __builtin_cpu_init();
  return ck_current_level() == CK_AVX512 && __builtin_cpu_supports("avx512bf16") &&
         __builtin_cpu_supports("avx512vnni");
}
#else
int ck_has_narrow_products(void) { return 0; }

void ck_bfloat16_panels(float *y, size_t ldy, const uint16_t *x, size_t ldx, const void *panels,
                        size_t rows, size_t outputs, size_t inner) {
  __builtin_trap();
}

void ck_int8_panels(int32_t *y, size_t ldy, const uint8_t *x, size_t ldx, const void *panels,
                    size_t rows, size_t outputs, size_t inner) {
  __builtin_trap();
}
#endif
