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
#define PANEL_VECTOR __m512
#define PANEL_ADD(sum, weights, word) \
  _mm512_dpbf16_ps(sum, (__m512bh)(weights), (__m512bh)(word))
#define PANEL_END(sum, ending, row, first, mask) \
  _mm512_add_ps(sum, _mm512_maskz_loadu_ps(mask, (ending)->bias + (first)))
#include "panel_products.h"

INLINE __m512 end_of_bytes(__m512i sum, const ck_panel_ending *ending, size_t row, size_t first,
                           __mmask16 mask) {
  const __m512i steps =
      _mm512_sub_epi32(sum, _mm512_maskz_loadu_epi32(mask, ending->offsets + first));
  const __m512 scale = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, ending->scales + first),
                                     _mm512_set1_ps(ending->row_scales[row]));
  return _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(steps), scale),
                       _mm512_maskz_loadu_ps(mask, ending->bias + first));
}

#define PANEL_NAME int8_panels
#define PANEL_INPUT uint8_t
#define PANEL_VECTOR __m512i
#define PANEL_ADD(sum, weights, word) _mm512_dpbusd_epi32(sum, word, weights)
#define PANEL_END end_of_bytes
#include "panel_products.h"

void ck_bfloat16_panels(float *y, size_t ldy, const uint16_t *x, size_t ldx, const void *panels,
                        const ck_panel_ending *ending, size_t rows, size_t outputs, size_t inner) {
  kernel_bfloat16_panels(y, ldy, x, ldx, panels, ending, rows, outputs, inner);
}

void ck_int8_panels(float *y, size_t ldy, const uint8_t *x, size_t ldx, const void *panels,
                    const ck_panel_ending *ending, size_t rows, size_t outputs, size_t inner) {
  kernel_int8_panels(y, ldy, x, ldx, panels, ending, rows, outputs, inner);
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
                        const ck_panel_ending *ending, size_t rows, size_t outputs, size_t inner) {
  __builtin_trap();
}

void ck_int8_panels(float *y, size_t ldy, const uint8_t *x, size_t ldx, const void *panels,
                    const ck_panel_ending *ending, size_t rows, size_t outputs, size_t inner) {
  __builtin_trap();
}
#endif
