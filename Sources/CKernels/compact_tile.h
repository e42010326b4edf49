// Products of few rows with compact panels, for processors that multiply bfloat16 numbers: the weights
// come from memory in three quarters of the bytes, and are made whole in registers.

#define COMPACT_ROWS 5
#define COMPACT_AHEAD 8192

// The 32 numbers `part` of a word.
INLINE __m512i whole_numbers(const compact_word *word, __m512i lower, __m512i base, int part) {
  const __m256i bytes = _mm256_loadu_si256((const __m256i *)(word->upper + 32 * part));
  const __m512i upper = _mm512_slli_epi16(_mm512_cvtepi8_epi16(bytes), 4);
  // The lower four bits from one plane, the others from the other.
  const __m512i bits = _mm512_ternarylogic_epi64(_mm512_set1_epi16(15),
                                                 _mm512_srli_epi16(lower, 4 * part), upper, 0xca);
  // Without the copies of the sign that the conversion made.
  const __m512i rest = _mm512_and_si512(bits, _mm512_set1_epi16((short)0x87ff));
  const __mmask32 has_exponent = _mm512_test_epi16_mask(bits, _mm512_set1_epi16(0x780));
  return _mm512_mask_add_epi16(rest, has_exponent, rest, base);
}

INLINE void expand_word_bf16(uint16_t *numbers, const compact_word *word, uint16_t base) {
  const __m512i lower = _mm512_loadu_si512(word->lower), bases = _mm512_set1_epi16((short)base);
#pragma clang loop unroll(full)
  for (int v = 0; v < 4; v++) {
    _mm512_storeu_si512(numbers + 32 * v, whole_numbers(word, lower, bases, v));
  }
}

INLINE void compact_add(vf sums[COMPACT_ROWS][4], const uint16_t *x, size_t ldx,
                        const compact_word *word, __m512i base, size_t count, int rows) {
  const char *ahead = (const char *)word + COMPACT_AHEAD;
#pragma clang loop unroll(full)
  for (size_t line = 0; line < sizeof *word; line += 64) __builtin_prefetch(ahead + line, 0, 0);
  const __m512i lower = _mm512_loadu_si512(word->lower);
  __m512i weights[4];
#pragma clang loop unroll(full)
  for (int v = 0; v < 4; v++) weights[v] = whole_numbers(word, lower, base, v);
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    int pair = 0;
    __builtin_memcpy(&pair, x + (size_t)r * ldx, count * sizeof *x);
#pragma clang loop unroll(full)
    for (int v = 0; v < 4; v++) {
      sums[r][v] = (vf)_mm512_dpbf16_ps((__m512)sums[r][v], (__m512bh)weights[v],
                                        (__m512bh)_mm512_set1_epi32(pair));
    }
  }
}

// A panel's outputs; `rows`, their number, is a constant.
INLINE void compact_tile(float *y, size_t ldy, const uint16_t *x, size_t ldx, const void *panel,
                         const float *bias, size_t outputs, size_t inner, int rows) {
  compact_header header;
  __builtin_memcpy(&header, panel, sizeof header);
  const __m512i base = _mm512_set1_epi16((short)(header.base << 7));
  const compact_word *word =
      (const compact_word *)((const char *)panel + compact_words_offset(inner));
  vf sums[COMPACT_ROWS][4];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < 4; v++) sums[r][v] = 0;
  }
  size_t i = 0;
  for (; i + 2 <= inner; i += 2, word++) compact_add(sums, x + i, ldx, word, base, 2, rows);
  if (i < inner) compact_add(sums, x + i, ldx, word, base, 1, rows);
#pragma clang loop unroll(full)
  for (int v = 0; v < 4; v++) {
    const size_t output = (size_t)v * LANES;
    if (output >= outputs) break;
    const size_t count = outputs - output < LANES ? outputs - output : LANES;
    const vf added = load(bias + output, count);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) store(y + (size_t)r * ldy + output, sums[r][v] + added, count);
  }
  const compact_exception *exceptions = compact_exceptions(panel);
  for (size_t e = 0; e < header.exception_count; e++) {
    const size_t place = exceptions[e].place;
    const size_t output = place % WORD_NUMBERS / 2, input = place / WORD_NUMBERS * 2 + place % 2;
    const vf weight = load_bfloat16(&exceptions[e].number, 1);
    for (int r = 0; r < rows; r++) {
      y[(size_t)r * ldy + output] += (weight * load_bfloat16(x + (size_t)r * ldx + input, 1))[0];
    }
  }
}

static void kernel_compact_bf16_panels(float *y, size_t ldy, const uint16_t *x, size_t ldx,
                                       const void *panels, const ck_panel_epilogue *epilogue,
                                       size_t rows, size_t outputs, size_t inner, void *scratch) {
  if (rows > COMPACT_ROWS) {
    multiply_expanded(y, ldy, x, ldx, panels, epilogue, rows, outputs, inner, scratch,
                      expand_word_bf16, kernel_bf16_panels);
    return;
  }
  const char *panel = panels;
  for (size_t first = 0; first < outputs;
       first += CK_PANEL, panel += ck_compact_panel_bytes(inner)) {
    const size_t left = outputs - first, count = left < CK_PANEL ? left : CK_PANEL;
    switch (rows) {
#define COMPACT_TILE(n)                                                                   \
  case n:                                                                                 \
    compact_tile(y + first, ldy, x, ldx, panel, epilogue->bias + first, count, inner, n);   \
    break;
      COMPACT_TILE(1)
      COMPACT_TILE(2)
      COMPACT_TILE(3)
      COMPACT_TILE(4)
      COMPACT_TILE(5)
#undef COMPACT_TILE
    }
  }
}
