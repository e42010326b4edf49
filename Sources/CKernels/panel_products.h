// Products with a matrix in panels, made once and used again and again: y[r][o] = Σ_i x[r][i]·w[o][i].
//
// A panel has CK_PANEL outputs. A word is 32 bits of numbers that follow one another along the sum;
// word k of all outputs lies together, so that the kernel reads a panel from its first byte to its
// last, as memory likes it best, and a word of x multiplies whole vectors.
//
// Included with PANEL_NAME, PANEL_INPUT (type of x), PANEL_VECTOR (the accumulator),
// PANEL_ADD(sum, weights, word) and PANEL_END(sum, ending, row, first, mask), the results of a
// vector's sums for outputs from `first` on.

// Rows at once: with CK_PANEL outputs, all sums stay in registers.
#define PANEL_ROWS 6
#define PANEL_VECTORS (CK_PANEL / 16)
#define PANEL_JOIN_(a, b) a##b
#define PANEL_JOIN(a, b) PANEL_JOIN_(a, b)

// One word along the sum, of which `bytes` bytes of each row of x count.
INLINE void PANEL_JOIN(add_, PANEL_NAME)(PANEL_VECTOR sums[PANEL_ROWS][PANEL_VECTORS],
                                         const char *x, size_t row_bytes, const char *panel,
                                         size_t bytes, int rows) {
  __m512i weights[PANEL_VECTORS];
#pragma clang loop unroll(full)
  for (int v = 0; v < PANEL_VECTORS; v++) weights[v] = _mm512_loadu_si512(panel + 64 * v);
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    int32_t word = 0;
    __builtin_memcpy(&word, x + (size_t)r * row_bytes, bytes);
    const __m512i input = _mm512_set1_epi32(word);
#pragma clang loop unroll(full)
    for (int v = 0; v < PANEL_VECTORS; v++) sums[r][v] = PANEL_ADD(sums[r][v], weights[v], input);
  }
}

// A panel's outputs, from `first` on, for rows from `row` on; `rows`, their number, is a constant.
INLINE void PANEL_JOIN(tile_, PANEL_NAME)(float *y, size_t ldy, const PANEL_INPUT *x, size_t ldx,
                                          const char *panel, const ck_panel_ending *ending,
                                          size_t row, size_t first, size_t outputs, size_t inner,
                                          int rows) {
  PANEL_VECTOR sums[PANEL_ROWS][PANEL_VECTORS];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < PANEL_VECTORS; v++) sums[r][v] = (PANEL_VECTOR){0};
  }
  const char *input = (const char *)(x + row * ldx);
  const size_t row_bytes = ldx * sizeof *x, bytes = inner * sizeof *x;
  size_t i = 0;
  for (; i + 4 <= bytes; i += 4, panel += 4 * CK_PANEL) {
    PANEL_JOIN(add_, PANEL_NAME)(sums, input + i, row_bytes, panel, 4, rows);
  }
  if (i < bytes) {
    PANEL_JOIN(add_, PANEL_NAME)(sums, input + i, row_bytes, panel, bytes - i, rows);
  }
#pragma clang loop unroll(full)
  for (size_t v = 0; v < PANEL_VECTORS; v++) {
    const size_t output = first + 16 * v;
    if (output >= outputs) break;
    const __mmask16 mask = output + 16 <= outputs ? 0xffff : (1u << (outputs - output)) - 1;
#pragma clang loop unroll(full)
    for (size_t r = 0; r < (size_t)rows; r++) {
      _mm512_mask_storeu_ps(y + (row + r) * ldy + output, mask,
                            PANEL_END(sums[r][v], ending, row + r, output, mask));
    }
  }
}

static void PANEL_JOIN(kernel_, PANEL_NAME)(float *y, size_t ldy, const PANEL_INPUT *x, size_t ldx,
                                            const void *panels, const ck_panel_ending *ending,
                                            size_t rows, size_t outputs, size_t inner) {
  const size_t panel_bytes = ck_panel_bytes(inner * sizeof *x);
  const char *panel = panels;
  for (size_t first = 0; first < outputs; first += CK_PANEL, panel += panel_bytes) {
    size_t r = 0;
    for (; r + PANEL_ROWS <= rows; r += PANEL_ROWS) {
      PANEL_JOIN(tile_, PANEL_NAME)(y, ldy, x, ldx, panel, ending, r, first, outputs, inner,
                                    PANEL_ROWS);
    }
    switch (rows - r) {
#define PANEL_TILE(n)                                                                            \
  case n:                                                                                        \
    PANEL_JOIN(tile_, PANEL_NAME)(y, ldy, x, ldx, panel, ending, r, first, outputs, inner, n);   \
    break;
      PANEL_TILE(1)
      PANEL_TILE(2)
      PANEL_TILE(3)
      PANEL_TILE(4)
      PANEL_TILE(5)
#undef PANEL_TILE
    }
  }
}

#undef PANEL_ROWS
#undef PANEL_VECTORS
#undef PANEL_JOIN_
#undef PANEL_JOIN
#undef PANEL_NAME
#undef PANEL_INPUT
#undef PANEL_VECTOR
#undef PANEL_ADD
#undef PANEL_END
