// Products of few rows with a large matrix, as decoding has them: y[r][o] = Σ_i x[r][i]·w[o][i].
//
// The matrix is read from memory once and each of its numbers used `rows` times, so the product is
// as fast as memory is. Both operands lie along the sum as they are stored: nothing is packed.
//
// Included with PRODUCT_NAME, PRODUCT_INPUT, PRODUCT_WEIGHT and PRODUCT_SUM (types of x, w and y),
// PRODUCT_STEP (numbers of one vector along the sum), PRODUCT_VECTOR (the accumulator), and
// PRODUCT_LOAD_X, PRODUCT_LOAD_W, PRODUCT_ADD(sum, w, x) and PRODUCT_LANES_SUM.

// Outputs whose weights are read side by side: with five rows, all sums stay in registers.
#define PRODUCT_OUTPUTS (LANES == 16 ? 4 : 2)
#define PRODUCT_JOIN_(a, b) a##b
#define PRODUCT_JOIN(a, b) PRODUCT_JOIN_(a, b)

// One vector along the sum, of which `count` numbers count.
INLINE void PRODUCT_JOIN(add_, PRODUCT_NAME)(PRODUCT_VECTOR sums[5][4], const PRODUCT_INPUT *x,
                                             size_t ldx, const PRODUCT_WEIGHT *w, size_t inner,
                                             size_t count, int rows, int outputs) {
  PRODUCT_WIDE_W weights[4];
#pragma clang loop unroll(full)
  for (int o = 0; o < outputs; o++) {
    weights[o] = PRODUCT_LOAD_W(w + (size_t)o * inner, count);
    // Weights of some tiles on, into the second cache: rows are too short for the processor to guess.
    __builtin_prefetch(w + ((size_t)o + 4 * (size_t)outputs) * inner, 0, 2);
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    const PRODUCT_WIDE_X input = PRODUCT_LOAD_X(x + (size_t)r * ldx, count);
#pragma clang loop unroll(full)
    for (int o = 0; o < outputs; o++) sums[r][o] = PRODUCT_ADD(sums[r][o], weights[o], input);
  }
}

// A tile of `rows` × `outputs`, both constants.
INLINE void PRODUCT_JOIN(tile_, PRODUCT_NAME)(
    PRODUCT_SUM *y, size_t ldy, const PRODUCT_INPUT *x, size_t ldx, const PRODUCT_WEIGHT *w,
    size_t inner, int rows, int outputs) {
  PRODUCT_VECTOR sums[5][4];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int o = 0; o < outputs; o++) sums[r][o] = (PRODUCT_VECTOR){0};
  }
  size_t i = 0;
  for (; i + PRODUCT_STEP <= inner; i += PRODUCT_STEP) {
    PRODUCT_JOIN(add_, PRODUCT_NAME)(sums, x + i, ldx, w + i, inner, PRODUCT_STEP, rows, outputs);
  }
  if (i < inner) {
    PRODUCT_JOIN(add_, PRODUCT_NAME)(sums, x + i, ldx, w + i, inner, inner - i, rows, outputs);
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int o = 0; o < outputs; o++) y[(size_t)r * ldy + (size_t)o] = PRODUCT_LANES_SUM(sums[r][o]);
  }
}

INLINE void PRODUCT_JOIN(rows_, PRODUCT_NAME)(
    PRODUCT_SUM *y, size_t ldy, const PRODUCT_INPUT *x, size_t ldx, const PRODUCT_WEIGHT *w,
    size_t rows, size_t inner, int outputs) {
  size_t r = 0;
  for (; r + 5 <= rows; r += 5) {
    PRODUCT_JOIN(tile_, PRODUCT_NAME)(y + r * ldy, ldy, x + r * ldx, ldx, w, inner, 5, outputs);
  }
  switch (rows - r) {
    case 4:
      PRODUCT_JOIN(tile_, PRODUCT_NAME)(y + r * ldy, ldy, x + r * ldx, ldx, w, inner, 4, outputs);
      break;
    case 3:
      PRODUCT_JOIN(tile_, PRODUCT_NAME)(y + r * ldy, ldy, x + r * ldx, ldx, w, inner, 3, outputs);
      break;
    case 2:
      PRODUCT_JOIN(tile_, PRODUCT_NAME)(y + r * ldy, ldy, x + r * ldx, ldx, w, inner, 2, outputs);
      break;
    case 1:
      PRODUCT_JOIN(tile_, PRODUCT_NAME)(y + r * ldy, ldy, x + r * ldx, ldx, w, inner, 1, outputs);
      break;
  }
}

static void PRODUCT_JOIN(kernel_, PRODUCT_NAME)(
    PRODUCT_SUM *y, size_t ldy, const PRODUCT_INPUT *x, size_t ldx, const PRODUCT_WEIGHT *w,
    size_t rows, size_t outputs, size_t inner) {
  size_t o = 0;
  for (; o + PRODUCT_OUTPUTS <= outputs; o += PRODUCT_OUTPUTS) {
    PRODUCT_JOIN(rows_, PRODUCT_NAME)(y + o, ldy, x, ldx, w + o * inner, rows, inner,
                                      PRODUCT_OUTPUTS);
  }
  for (; o < outputs; o++) {
    PRODUCT_JOIN(rows_, PRODUCT_NAME)(y + o, ldy, x, ldx, w + o * inner, rows, inner, 1);
  }
}

#undef PRODUCT_OUTPUTS
#undef PRODUCT_JOIN_
#undef PRODUCT_JOIN
#undef PRODUCT_NAME
#undef PRODUCT_INPUT
#undef PRODUCT_WEIGHT
#undef PRODUCT_SUM
#undef PRODUCT_STEP
#undef PRODUCT_VECTOR
#undef PRODUCT_WIDE_W
#undef PRODUCT_WIDE_X
#undef PRODUCT_LOAD_X
#undef PRODUCT_LOAD_W
#undef PRODUCT_ADD
#undef PRODUCT_LANES_SUM
