// Sums over all elements, in double, and sums and moves over matrices.

static double kernel_sum(const float *x, size_t n) {
  vd sum = 0;
  EACH_VECTOR(i, k, n, { sum += WIDEN(load(x + i, k)); });
  return lanes_sum_double(&sum);
}

static double kernel_sum_of_squares(const float *x, size_t n) {
  vd sum = 0;
  EACH_VECTOR(i, k, n, {
    const vf v = load(x + i, k);
    sum += WIDEN(v) * WIDEN(v);
  });
  return lanes_sum_double(&sum);
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

// Four columns of k rows, a column in each vector. The vectors are first filled with four numbers of
// every fourth row, so that all shuffles stay within fours, which costs least.
INLINE void load_columns4(vf columns[4], const float *x, size_t stride, size_t k) {
  vf part[4] = {0, 0, 0, 0};
#pragma clang loop unroll(full)
  for (size_t r = 0; r < LANES; r++) {
    if (r < k) __builtin_memcpy((float *)&part[r % 4] + r / 4 * 4, x + r * stride, 4 * sizeof *x);
  }
  const vf low01 = SHUFFLE_FOURS(part[0], part[1], 0, 4, 1, 5);
  const vf high01 = SHUFFLE_FOURS(part[0], part[1], 2, 6, 3, 7);
  const vf low23 = SHUFFLE_FOURS(part[2], part[3], 0, 4, 1, 5);
  const vf high23 = SHUFFLE_FOURS(part[2], part[3], 2, 6, 3, 7);
  columns[0] = SHUFFLE_FOURS(low01, low23, 0, 1, 4, 5);
  columns[1] = SHUFFLE_FOURS(low01, low23, 2, 3, 6, 7);
  columns[2] = SHUFFLE_FOURS(high01, high23, 0, 1, 4, 5);
  columns[3] = SHUFFLE_FOURS(high01, high23, 2, 3, 6, 7);
}

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

// In square tiles, so that the lines of both matrices stay in the first cache.
static void kernel_transpose(float *restrict y, const float *restrict x, size_t rows,
                             size_t columns) {
  if (columns == 3) return transpose_columns3(y, x, rows);
  if (rows == 3) return transpose_rows3(y, x, columns);
  const size_t tile = 32;
  for (size_t r0 = 0; r0 < rows; r0 += tile) {
    const size_t height = rows - r0 < tile ? rows - r0 : tile;
    for (size_t c0 = 0; c0 < columns; c0 += tile) {
      const size_t c1 = columns - c0 < tile ? columns : c0 + tile;
      EACH_VECTOR(i, k, height, {
        const float *from = x + (r0 + i) * columns;
        float *to = y + r0 + i;
        size_t c = c0;
        for (; c + 4 <= c1; c += 4) {
          vf four[4];
          load_columns4(four, from + c, columns, k);
          for (size_t j = 0; j < 4; j++) store(to + (c + j) * rows, four[j], k);
        }
        for (; c < c1; c++) {
          for (size_t j = 0; j < k; j++) to[c * rows + j] = from[j * columns + c];
        }
      });
    }
  }
}
