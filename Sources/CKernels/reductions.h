// Sums over all elements, in double, and sums and moves over matrices.

static double kernel_sum(const float *x, size_t n) {
  vd sum = 0;
  EACH_VECTOR(i, k, n, { sum += WIDEN(load(x + i, k)); });
  return lanes_sum_double(&sum);
}

static double kernel_dot(const float *a, const float *b, size_t n) {
  vd sum = 0;
  EACH_VECTOR(i, k, n, {
    const vf left = load(a + i, k), right = load(b + i, k);
    sum += WIDEN(left) * WIDEN(right);
  });
  return lanes_sum_double(&sum);
}

static double kernel_sum_of_squares(const float *x, size_t n) { return kernel_dot(x, x, n); }

static int kernel_all_finite(const float *x, size_t n) {
  vi bad = 0;
  EACH_VECTOR(i, k, n, { bad |= ((vu)load(x + i, k) & 0x7f800000u) == 0x7f800000u; });
  int any = 0;
  for (int j = 0; j < LANES; j++) any |= bad[j];
  return any == 0;
}

static int has_nan(const float *x, size_t n) {
  vi found = 0;
  EACH_VECTOR(i, k, n, {
    const vf v = load(x + i, k);
    found |= v != v;
  });
  int any = 0;
  for (int j = 0; j < LANES; j++) any |= found[j];
  return any != 0;
}

static size_t kernel_first_above(const float *x, size_t n, float threshold) {
  EACH_VECTOR(i, k, n, {
    const vi above = load(x + i, k) > threshold;
    if (__builtin_reduce_or(above)) {
      for (size_t j = 0; j < k; j++) {
        if (above[j]) return i + j;
      }
    }
  });
  return n;
}

// Four rows at a time: the running sums are read and written once for them, and what is added to
// them is a sum already, which rounds better.
static void kernel_column_sum(float *sum, const float *x, size_t rows, size_t width) {
  size_t r = 0;
  for (; r + 4 <= rows; r += 4, x += 4 * width) {
    EACH_VECTOR(i, k, width, {
      const vf top = load(x + i, k) + load(x + width + i, k);
      const vf bottom = load(x + 2 * width + i, k) + load(x + 3 * width + i, k);
      store(sum + i, load(sum + i, k) + (top + bottom), k);
    });
  }
  for (; r < rows; r++, x += width) kernel_accumulate(sum, x, width);
}

INLINE f4 load4(const float *p) {
  f4 v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

INLINE void store4(float *p, f4 v) { __builtin_memcpy(p, &v, sizeof v); }

// Four rows of x become four columns of y.
INLINE void transpose4(float *y, const float *x, size_t rows, size_t columns) {
  const f4 a = load4(x), b = load4(x + columns);
  const f4 c = load4(x + 2 * columns), d = load4(x + 3 * columns);
  const f4 ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const f4 ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const f4 cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const f4 cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  store4(y, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
  store4(y + rows, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
  store4(y + 2 * rows, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
  store4(y + 3 * rows, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

// In square tiles, so that the lines of both matrices stay in the first cache.
// Three columns or three rows, as the weights of a convolution have: the compiler knows both.
INLINE void transpose_columns3(float *restrict y, const float *restrict x, size_t rows) {
  for (size_t r = 0; r < rows; r++) {
    y[r] = x[3 * r];
    y[rows + r] = x[3 * r + 1];
    y[2 * rows + r] = x[3 * r + 2];
  }
}

INLINE void transpose_rows3(float *restrict y, const float *restrict x, size_t columns) {
  for (size_t c = 0; c < columns; c++) {
    y[3 * c] = x[c];
    y[3 * c + 1] = x[columns + c];
    y[3 * c + 2] = x[2 * columns + c];
  }
}

static void kernel_transpose(float *restrict y, const float *restrict x, size_t rows,
                             size_t columns) {
  if (columns == 3) return transpose_columns3(y, x, rows);
  if (rows == 3) return transpose_rows3(y, x, columns);
  const size_t tile = 32;
  for (size_t r0 = 0; r0 < rows; r0 += tile) {
    const size_t r1 = rows - r0 < tile ? rows : r0 + tile;
    for (size_t c0 = 0; c0 < columns; c0 += tile) {
      const size_t c1 = columns - c0 < tile ? columns : c0 + tile;
      size_t r = r0;
      for (; r + 4 <= r1; r += 4) {
        size_t c = c0;
        for (; c + 4 <= c1; c += 4) {
          transpose4(y + c * rows + r, x + r * columns + c, rows, columns);
        }
        for (; c < c1; c++) {
          for (size_t j = 0; j < 4; j++) y[c * rows + r + j] = x[(r + j) * columns + c];
        }
      }
      for (; r < r1; r++) {
        for (size_t c = c0; c < c1; c++) y[c * rows + r] = x[r * columns + c];
      }
    }
  }
}
