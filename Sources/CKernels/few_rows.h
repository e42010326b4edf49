// Products of few rows with a large matrix, as decoding has them: y[r][o] = Σ_i x[r][i]·w[o][i].
//
// The matrix is read from memory once and each of its numbers used `rows` times, so the product is
// as fast as memory is. Both operands lie along the sum as they are stored: nothing is packed, and the
// matrix may be a mapped file.

// Outputs whose weights are read side by side: with five rows, all sums stay in registers.
#define FEW_OUTPUTS (LANES == 16 ? 4 : 2)

// One vector along the sum, of which `count` numbers count.
INLINE void few_rows_add(vf sums[5][4], const float *x, size_t ldx, const float *w, size_t inner,
                         size_t count, int rows, int outputs) {
  vf weights[4];
#pragma clang loop unroll(full)
  for (int o = 0; o < outputs; o++) {
    weights[o] = load(w + (size_t)o * inner, count);
    // Weights of some tiles on, into the second cache: rows are too short for the processor to guess.
    __builtin_prefetch(w + ((size_t)o + 4 * (size_t)outputs) * inner, 0, 2);
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    const vf input = load(x + (size_t)r * ldx, count);
#pragma clang loop unroll(full)
    for (int o = 0; o < outputs; o++) sums[r][o] += weights[o] * input;
  }
}

// A tile of `rows` × `outputs`, both constants.
INLINE void few_rows_tile(float *y, size_t ldy, const float *x, size_t ldx, const float *w,
                          size_t inner, int rows, int outputs) {
  vf sums[5][4];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int o = 0; o < outputs; o++) sums[r][o] = 0;
  }
  size_t i = 0;
  for (; i + LANES <= inner; i += LANES) {
    few_rows_add(sums, x + i, ldx, w + i, inner, LANES, rows, outputs);
  }
  if (i < inner) few_rows_add(sums, x + i, ldx, w + i, inner, inner - i, rows, outputs);
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int o = 0; o < outputs; o++) y[(size_t)r * ldy + (size_t)o] = lanes_sum(sums[r][o]);
  }
}

INLINE void few_rows_tiles(float *y, size_t ldy, const float *x, size_t ldx, const float *w,
                           size_t rows, size_t inner, int outputs) {
  size_t r = 0;
  for (; r + 5 <= rows; r += 5) {
    few_rows_tile(y + r * ldy, ldy, x + r * ldx, ldx, w, inner, 5, outputs);
  }
  y += r * ldy;
  x += r * ldx;
  switch (rows - r) {
    case 4: few_rows_tile(y, ldy, x, ldx, w, inner, 4, outputs); break;
    case 3: few_rows_tile(y, ldy, x, ldx, w, inner, 3, outputs); break;
    case 2: few_rows_tile(y, ldy, x, ldx, w, inner, 2, outputs); break;
    case 1: few_rows_tile(y, ldy, x, ldx, w, inner, 1, outputs); break;
  }
}

static void kernel_product_rows(float *y, size_t ldy, const float *x, size_t ldx, const float *w,
                                size_t rows, size_t outputs, size_t inner) {
  size_t o = 0;
  for (; o + FEW_OUTPUTS <= outputs; o += FEW_OUTPUTS) {
    few_rows_tiles(y + o, ldy, x, ldx, w + o * inner, rows, inner, FEW_OUTPUTS);
  }
  for (; o < outputs; o++) few_rows_tiles(y + o, ldy, x, ldx, w + o * inner, rows, inner, 1);
}
