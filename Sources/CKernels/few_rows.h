// Products of few rows with a large matrix, as decoding has them: y[r][o] = Σ_i x[r][i]·w[o][i].
//
// The matrix is read from memory once and each of its numbers used `rows` times, so the product is
// as fast as memory is. Both operands lie along the sum as they are stored: nothing is packed, and the
// matrix may be a mapped file.

// A tile: rows and outputs whose weights are read side by side, so that all sums stay in registers.
#define FEW_ROWS 6
#define FEW_OUTPUTS (LANES == 16 ? 4 : 2)
// How far ahead weights are prefetched, in bytes.
#define FEW_AHEAD 12288

// One vector along the sum, of which `count` numbers count.
INLINE void few_rows_add(vf sums[FEW_ROWS][FEW_OUTPUTS], const float *x, size_t ldx, const float *w,
                         const char *ahead, size_t inner, size_t count, int rows, int outputs) {
  vf weights[FEW_OUTPUTS];
#pragma clang loop unroll(full)
  for (int o = 0; o < outputs; o++) {
    weights[o] = load(w + (size_t)o * inner, count);
    PREFETCH_FOR_ROWS(ahead + (size_t)o * sizeof(vf), rows, FEW_ROWS);
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
  vf sums[FEW_ROWS][FEW_OUTPUTS];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int o = 0; o < outputs; o++) sums[r][o] = 0;
  }
  // A tile's weights lie together and are read in several places at once. They are prefetched in the order
  // in which they lie, which is faster by a fifth.
  const char *ahead = (const char *)w + FEW_AHEAD;
  size_t i = 0;
  for (; i + LANES <= inner; i += LANES, ahead += sizeof(vf) * (size_t)outputs) {
    few_rows_add(sums, x + i, ldx, w + i, ahead, inner, LANES, rows, outputs);
  }
  if (i < inner) few_rows_add(sums, x + i, ldx, w + i, ahead, inner, inner - i, rows, outputs);
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int o = 0; o < outputs; o++) y[(size_t)r * ldy + (size_t)o] = lanes_sum(sums[r][o]);
  }
}

INLINE void few_rows_tiles(float *y, size_t ldy, const float *x, size_t ldx, const float *w,
                           size_t rows, size_t inner, int outputs) {
  size_t r = 0;
  for (; r + FEW_ROWS <= rows; r += FEW_ROWS) {
    few_rows_tile(y + r * ldy, ldy, x + r * ldx, ldx, w, inner, FEW_ROWS, outputs);
  }
  y += r * ldy;
  x += r * ldx;
  switch (rows - r) {
    case 5: few_rows_tile(y, ldy, x, ldx, w, inner, 5, outputs); break;
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
