// Products with a matrix in panels, made once and used again and again: y[r][o] = Σ_i x[r][i]·w[o][i].
//
// A panel has CK_PANEL outputs. A word is 32 bits of numbers that follow one another along the sum;
// word k of all outputs lies together, so that the kernel reads a panel from its first byte to its
// last, which is fastest for memory, and a word of x multiplies whole vectors.
//
// Included with PANEL_NAME, PANEL_INPUT (type of x), PANEL_SUMS (a vector of sums), PANEL_ADD(sums,
// weights, word) and PANEL_EPILOGUE(sums, epilogue, row, first, count), the results of a vector's sums for
// `count` outputs from `first` on. Where no instruction multiplies all numbers of a word at once,
// PANEL_PARTS is 2, and PANEL_PART(words, part) and PANEL_INPUT_PART(word, part) give what PANEL_ADD
// takes for one and for the other half of them.

#ifndef PANEL_PARTS
#define PANEL_PARTS 1
#define PANEL_PART(words, part) words
#endif

// A tile's sums stay in registers, of which there are 32 with AVX-512, but often only 16 without. There a tile
// is one column of the panel, and its columns take turns.
#define PANEL_ROWS (LANES == 16 ? 6 : 5)
#define PANEL_VECTORS (LANES == 16 ? 4 : 2)
#define PANEL_COLUMN (PANEL_VECTORS * LANES)
#define PANEL_COLUMNS (CK_PANEL / PANEL_COLUMN)
// Columns change after this many words, so that the next one finds them in the first cache. A single column
// that reads x as it lies has no reason to stop.
#define PANEL_CHUNK ((size_t)(PANEL_COLUMNS == 1 && PANEL_PARTS == 1 ? 1 << 20 : 32))
// How far ahead weights are prefetched: with several columns, the next chunk during this one. It is done in
// the order in which they lie, since memory is slower by a third in that of the columns.
#define PANEL_AHEAD (PANEL_COLUMNS == 1 ? 8192 : 4 * CK_PANEL * PANEL_CHUNK)
#define PANEL_JOIN_(a, b) a##b
#define PANEL_JOIN(a, b) PANEL_JOIN_(a, b)

INLINE uint32_t PANEL_JOIN(word_, PANEL_NAME)(const char *x, size_t bytes) {
  uint32_t word = 0;
  __builtin_memcpy(&word, x, bytes);
  return word;
}

// One word along the sum, of which `bytes` bytes of each row of x count.
INLINE void PANEL_JOIN(add_, PANEL_NAME)(PANEL_SUMS sums[PANEL_ROWS][PANEL_VECTORS],
                                         const char *x, size_t row_bytes, const char *panel,
                                         const char *ahead, size_t bytes, int rows) {
#pragma clang loop unroll(full)
  for (int line = 0; line < 4 * PANEL_COLUMN; line += 64) {
    PREFETCH_FOR_ROWS(ahead + line, rows, PANEL_ROWS);
  }
#pragma clang loop unroll(full)
  for (int part = 0; part < PANEL_PARTS; part++) {
    vu weights[PANEL_VECTORS];
#pragma clang loop unroll(full)
    for (int v = 0; v < PANEL_VECTORS; v++) {
      __builtin_memcpy(&weights[v], panel + v * sizeof(vu), sizeof(vu));
      weights[v] = PANEL_PART(weights[v], part);
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      const char *input = x + (size_t)r * row_bytes + (size_t)part * (4 * PANEL_CHUNK);
      const vu word = (vu)PANEL_JOIN(word_, PANEL_NAME)(input, bytes);
#pragma clang loop unroll(full)
      for (int v = 0; v < PANEL_VECTORS; v++) sums[r][v] = PANEL_ADD(sums[r][v], weights[v], word);
    }
  }
}

// `bytes` bytes along the sum of one column of a panel.
INLINE void PANEL_JOIN(column_, PANEL_NAME)(PANEL_SUMS all_sums[PANEL_ROWS][PANEL_VECTORS],
                                            const char *x, size_t row_bytes, const char *panel,
                                            const char *ahead, size_t bytes, int rows) {
  PANEL_SUMS sums[PANEL_ROWS][PANEL_VECTORS];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < PANEL_VECTORS; v++) sums[r][v] = all_sums[r][v];
  }
  size_t i = 0;
  for (; i + 4 <= bytes; i += 4, panel += 4 * CK_PANEL, ahead += 4 * PANEL_COLUMN) {
    PANEL_JOIN(add_, PANEL_NAME)(sums, x + i, row_bytes, panel, ahead, 4, rows);
  }
  if (PANEL_PARTS == 1 && sizeof(PANEL_INPUT) < 4 && i < bytes) {
    PANEL_JOIN(add_, PANEL_NAME)(sums, x + i, row_bytes, panel, ahead, bytes - i, rows);
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < PANEL_VECTORS; v++) all_sums[r][v] = sums[r][v];
  }
}

#if PANEL_PARTS == 2
// Splits `bytes` bytes of each row of x into parts, once for all columns.
INLINE void PANEL_JOIN(split_, PANEL_NAME)(uint32_t parts[PANEL_ROWS][2][PANEL_CHUNK],
                                           const char *x, size_t row_bytes, size_t bytes,
                                           int rows) {
  for (int r = 0; r < rows; r++, x += row_bytes) {
    const size_t whole = bytes / 4;
    for (size_t k = 0; k < whole; k++) {
      const uint32_t word = PANEL_JOIN(word_, PANEL_NAME)(x + 4 * k, 4);
      parts[r][0][k] = PANEL_INPUT_PART(word, 0);
      parts[r][1][k] = PANEL_INPUT_PART(word, 1);
    }
    if (bytes % 4) {
      const uint32_t word = PANEL_JOIN(word_, PANEL_NAME)(x + 4 * whole, bytes % 4);
      parts[r][0][whole] = PANEL_INPUT_PART(word, 0);
      parts[r][1][whole] = PANEL_INPUT_PART(word, 1);
    }
  }
}
#endif

// A panel's outputs, from `first` on, for rows from `row` on; `rows`, their number, is a constant.
INLINE void PANEL_JOIN(tile_, PANEL_NAME)(float *y, size_t ldy, const PANEL_INPUT *x, size_t ldx,
                                          const char *panel, const ck_panel_epilogue *epilogue,
                                          size_t row, size_t first, size_t outputs, size_t inner,
                                          int rows) {
  PANEL_SUMS sums[PANEL_COLUMNS][PANEL_ROWS][PANEL_VECTORS];
#pragma clang loop unroll(full)
  for (int c = 0; c < PANEL_COLUMNS; c++) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
      for (int v = 0; v < PANEL_VECTORS; v++) sums[c][r][v] = (PANEL_SUMS){0};
    }
  }
  const char *input = (const char *)(x + row * ldx);
  const size_t row_bytes = ldx * sizeof *x, bytes = inner * sizeof *x;
  for (size_t i = 0; i < bytes; i += 4 * PANEL_CHUNK, panel += 4 * CK_PANEL * PANEL_CHUNK) {
    size_t chunk = bytes - i < 4 * PANEL_CHUNK ? bytes - i : 4 * PANEL_CHUNK;
    const char *words = input + i;
    size_t words_stride = row_bytes;
#if PANEL_PARTS == 2
    uint32_t parts[PANEL_ROWS][2][PANEL_CHUNK];
    PANEL_JOIN(split_, PANEL_NAME)(parts, words, row_bytes, chunk, rows);
    words = (const char *)parts;
    words_stride = sizeof parts[0];
    chunk = (chunk + 3) / 4 * 4;
#endif
#pragma clang loop unroll(disable)
    for (int c = 0; c < PANEL_COLUMNS; c++) {
      PANEL_JOIN(column_, PANEL_NAME)(sums[c], words, words_stride,
                                      panel + c * (4 * PANEL_COLUMN),
                                      panel + PANEL_AHEAD + (size_t)c * chunk * PANEL_COLUMN,
                                      chunk, rows);
    }
  }
#pragma clang loop unroll(full)
  for (int v = 0; v < CK_PANEL / LANES; v++) {
    const size_t output = first + (size_t)v * LANES;
    if (output >= outputs) break;
    const size_t count = outputs - output < LANES ? outputs - output : LANES;
#pragma clang loop unroll(full)
    for (size_t r = 0; r < (size_t)rows; r++) {
      store(y + (row + r) * ldy + output,
            PANEL_EPILOGUE(sums[v / PANEL_VECTORS][r][v % PANEL_VECTORS], epilogue, row + r, output, count),
            count);
    }
  }
}

static void PANEL_JOIN(kernel_, PANEL_NAME)(float *y, size_t ldy, const PANEL_INPUT *x, size_t ldx,
                                            const void *panels, const ck_panel_epilogue *epilogue,
                                            size_t rows, size_t outputs, size_t inner) {
  const size_t panel_bytes = ck_panel_bytes(inner * sizeof *x);
  const char *panel = panels;
  for (size_t first = 0; first < outputs; first += CK_PANEL, panel += panel_bytes) {
    size_t r = 0;
    for (; r + PANEL_ROWS <= rows; r += PANEL_ROWS) {
      PANEL_JOIN(tile_, PANEL_NAME)(y, ldy, x, ldx, panel, epilogue, r, first, outputs, inner,
                                    PANEL_ROWS);
    }
    switch (rows - r) {
#define PANEL_TILE(n)                                                                            \
  case n:                                                                                        \
    PANEL_JOIN(tile_, PANEL_NAME)(y, ldy, x, ldx, panel, epilogue, r, first, outputs, inner, n);   \
    break;
      PANEL_TILE(1)
      PANEL_TILE(2)
      PANEL_TILE(3)
      PANEL_TILE(4)
#if LANES == 16
      PANEL_TILE(5)
#endif
#undef PANEL_TILE
    }
  }
}

#undef PANEL_ROWS
#undef PANEL_VECTORS
#undef PANEL_COLUMN
#undef PANEL_COLUMNS
#undef PANEL_CHUNK
#undef PANEL_AHEAD
#undef PANEL_JOIN_
#undef PANEL_JOIN
#undef PANEL_NAME
#undef PANEL_INPUT
#undef PANEL_SUMS
#undef PANEL_PARTS
#undef PANEL_PART
#undef PANEL_INPUT_PART
#undef PANEL_ADD
#undef PANEL_EPILOGUE
