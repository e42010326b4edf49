// Products with matrices in panels of bfloat16 and of 8-bit integers, for processors without instructions
// for them.

// Twice as many integers of half the size.
typedef int16_t vs __attribute__((ext_vector_type(2 * LANES)));

INLINE vf epilogue_with_bias(vf sum, const ck_panel_epilogue *epilogue, size_t row, size_t first,
                        size_t count) {
  (void)row;
  return sum + load(epilogue->bias + first, count);
}

INLINE vf epilogue_of_bytes(vi sum, const ck_panel_epilogue *epilogue, size_t row, size_t first,
                       size_t count) {
  // Integers in the place of floats: only moved.
  const vi offsets = (vi)load((const float *)(const void *)(epilogue->offsets + first), count);
  const vf scale = load(epilogue->scales + first, count) * epilogue->row_scales[row];
  const vf scaled = __builtin_convertvector(sum - offsets, vf) * scale;
  return scaled + load(epilogue->bias + first, count);
}

// Sums of the products of a word's two 16-bit integers.
INLINE vi pair_products(vu a, vu b) {
#if defined(__x86_64__) && LANES == 16
  return (vi)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(__x86_64__) && LANES == 8
  return (vi)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__x86_64__)
  return (vi)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
  return ((vi)(a << 16) >> 16) * ((vi)(b << 16) >> 16) + ((vi)a >> 16) * ((vi)b >> 16);
#endif
}

// A word's first number, then its second, as floats.
#define HALF(word, part) ((part) == 0 ? (word) << 16 : (word) & 0xffff0000u)
#define PANEL_NAME bfloat16_panels
#define PANEL_INPUT uint16_t
#define PANEL_SUMS vf
#define PANEL_PARTS 2
#define PANEL_PART HALF
#define PANEL_INPUT_PART HALF
#define PANEL_ADD(sums, weights, word) ((sums) + (vf)(weights) * (vf)(word))
#define PANEL_EPILOGUE epilogue_with_bias
#include "panel_products.h"
#undef HALF

// A word's even bytes, then its odd ones, as 16-bit integers: their products and the sum of two are
// exact.
#define PANEL_NAME int8_panels
#define PANEL_INPUT uint8_t
#define PANEL_SUMS vi
#define PANEL_PARTS 2
#define PANEL_PART(words, part) (vu)((part) == 0 ? (vs)(words) << 8 >> 8 : (vs)(words) >> 8)
#define PANEL_INPUT_PART(word, part) (((part) == 0 ? (word) : (word) >> 8) & 0x00ff00ffu)
#define PANEL_ADD(sums, weights, word) ((sums) + pair_products(weights, word))
#define PANEL_EPILOGUE epilogue_of_bytes
#include "panel_products.h"
