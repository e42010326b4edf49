// The kernels for x86-64-v4, 16 floats at a time, and those that multiply narrow numbers with
// instructions that later processors have.
#include "functions.h"
#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>

// min_vector_width keeps the compiler from splitting the vectors where its tuning prefers less.
#pragma clang attribute push(__attribute__((min_vector_width(512))), apply_to = function)
#define LANES 16

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#define VARIANT ck_kernels_avx512
#include "kernels_body.h"
#undef VARIANT
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,avx512vnni"))), \
                             apply_to = function)
#define PANEL_NAME vnni_panels
#define PANEL_INPUT uint8_t
#define PANEL_SUMS vi
#define PANEL_ADD(sums, weights, word) \
  (vi)_mm512_dpbusd_epi32((__m512i)(sums), (__m512i)(word), (__m512i)(weights))
#define PANEL_EPILOGUE epilogue_of_bytes
#include "panel_products.h"
#define kernel_int8_panels kernel_vnni_panels
#define VARIANT ck_kernels_avx512_vnni
#include "table.h"
#undef VARIANT
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,avx512vnni,avx512bf16"))), \
                             apply_to = function)
#define PANEL_NAME bf16_panels
#define PANEL_INPUT uint16_t
#define PANEL_SUMS vf
#define PANEL_ADD(sums, weights, word) \
  (vf)_mm512_dpbf16_ps((__m512)(sums), (__m512bh)(weights), (__m512bh)(word))
#define PANEL_EPILOGUE epilogue_with_bias
#include "panel_products.h"
#include "compact_tile.h"
#define kernel_bfloat16_panels kernel_bf16_panels
#define kernel_compact_panels kernel_compact_bf16_panels
#define VARIANT ck_kernels_avx512_bf16
#include "table.h"
#pragma clang attribute pop

#pragma clang attribute pop
#endif
