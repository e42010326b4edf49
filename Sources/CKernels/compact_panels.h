// Panels of bfloat16 numbers in 12 bits each, without loss.
//
// Nearly all weights of a panel lie within a factor of 2¹⁵ of its largest, so four bits above a common base
// hold their exponents; 0 is that of zero and of subnormal numbers, as in bfloat16. The few others are zero
// in their place and stored in a list of exceptions.
//
// A compact panel has a header, room for the exceptions, and its words. A word's 128 numbers come in two
// planes: the upper eight of their 12 bits (sign, exponent, three bits of mantissa), then the lower four,
// those of number n at bit 4·(n / 32) of the 16 bits n % 32.

#define WORD_NUMBERS ((size_t)(2 * CK_PANEL))
#define PLACES (WORD_NUMBERS / 4)

typedef struct {
  uint32_t place;  // of the panel's numbers as they lie
  uint16_t number;
} compact_exception;

typedef struct {
  uint32_t exception_count;
  uint16_t base;
} compact_header;

typedef struct {
  uint8_t upper[WORD_NUMBERS];
  uint16_t lower[PLACES];
} compact_word;

INLINE size_t compact_words_offset(size_t inner) {
  return ck_compact_panel_bytes(inner) - (inner + 1) / 2 * sizeof(compact_word);
}

INLINE const compact_exception *compact_exceptions(const void *compact) {
  return (const compact_exception *)((const char *)compact + sizeof(compact_header));
}

// 12 bits of a number, or 0 where its exponent is neither 0 nor above the base.
INLINE uint16_t shortened(uint16_t number, uint16_t base, uint16_t *is_lost) {
  const uint16_t exponent = number >> 7 & 0xff;
  *is_lost = exponent != 0 && exponent <= base;
  const uint16_t above = exponent > base ? exponent - base : 0;
  const uint16_t bits = (number >> 4 & 0x800) | above << 7 | (number & 0x7f);
  return *is_lost ? 0 : bits;
}

static int kernel_compact_panel(void *compact, const void *panel, size_t inner) {
  const uint16_t *numbers = panel;
  const size_t words = (inner + 1) / 2;
  uint16_t largest = 0;
  for (size_t i = 0; i < words * WORD_NUMBERS; i++) {
    const uint16_t magnitude = numbers[i] & 0x7fff;
    largest = magnitude > largest ? magnitude : largest;
  }
  compact_header header = {.base = largest >> 7 > 15 ? (largest >> 7) - 15 : 0};
  compact_exception *exceptions = (compact_exception *)((char *)compact + sizeof header);
  const size_t room =
      (compact_words_offset(inner) - sizeof(compact_header)) / sizeof(compact_exception);
  compact_word *word = (compact_word *)((char *)compact + compact_words_offset(inner));
  for (size_t k = 0; k < words; k++, word++, numbers += WORD_NUMBERS) {
    uint16_t bits[WORD_NUMBERS], any_lost = 0;
    for (size_t n = 0; n < WORD_NUMBERS; n++) {
      uint16_t is_lost;
      bits[n] = shortened(numbers[n], header.base, &is_lost);
      any_lost |= is_lost;
      word->upper[n] = (uint8_t)(bits[n] >> 4);
    }
    for (size_t l = 0; l < PLACES; l++) {
      word->lower[l] = (bits[l] & 15) | (bits[PLACES + l] & 15) << 4 |
                       (bits[2 * PLACES + l] & 15) << 8 | (bits[3 * PLACES + l] & 15) << 12;
    }
    for (size_t n = 0; any_lost && n < WORD_NUMBERS; n++) {
      uint16_t is_lost;
      shortened(numbers[n], header.base, &is_lost);
      if (!is_lost) continue;
      if (header.exception_count == room) return 0;
      exceptions[header.exception_count++] =
          (compact_exception){(uint32_t)(k * WORD_NUMBERS + n), numbers[n]};
    }
  }
  __builtin_memcpy(compact, &header, sizeof header);
  return 1;
}

// A word's numbers; the base is where bfloat16 numbers have their exponent.
typedef void (*word_expansion)(uint16_t *numbers, const compact_word *word, uint16_t base);

INLINE void expand_word(uint16_t *numbers, const compact_word *word, uint16_t base) {
  for (size_t part = 0; part < 4; part++) {
    for (size_t l = 0; l < PLACES; l++) {
      const uint16_t bits = word->upper[part * PLACES + l] << 4 | (word->lower[l] >> 4 * part & 15);
      const uint16_t rest = (bits & 0x800) << 4 | (bits & 0x7ff);
      numbers[part * PLACES + l] = bits & 0x780 ? rest + base : rest;
    }
  }
}

// Restores the panel that a compact one was made of.
INLINE void expand_panel(uint16_t *numbers, const void *compact, size_t inner,
                         word_expansion expand) {
  compact_header header;
  __builtin_memcpy(&header, compact, sizeof header);
  const compact_word *word =
      (const compact_word *)((const char *)compact + compact_words_offset(inner));
  for (size_t k = 0; k < (inner + 1) / 2; k++) {
    expand(numbers + k * WORD_NUMBERS, word + k, (uint16_t)(header.base << 7));
  }
  const compact_exception *exceptions = compact_exceptions(compact);
  for (size_t e = 0; e < header.exception_count; e++) {
    numbers[exceptions[e].place] = exceptions[e].number;
  }
}

typedef void (*panel_product)(float *y, size_t ldy, const uint16_t *x, size_t ldx,
                              const void *panels, const ck_panel_epilogue *epilogue, size_t rows,
                              size_t outputs, size_t inner);

// Unpacks panel by panel for the kernel of panels that aren't compact: pays for many rows.
INLINE void multiply_expanded(float *y, size_t ldy, const uint16_t *x, size_t ldx,
                              const void *panels, const ck_panel_epilogue *epilogue, size_t rows,
                              size_t outputs, size_t inner, void *scratch,
                              word_expansion expand, panel_product multiply) {
  const char *panel = panels;
  for (size_t first = 0; first < outputs;
       first += CK_PANEL, panel += ck_compact_panel_bytes(inner)) {
    expand_panel(scratch, panel, inner, expand);
    const ck_panel_epilogue rest = {.bias = epilogue->bias + first};
    const size_t left = outputs - first;
    multiply(y + first, ldy, x, ldx, scratch, &rest, rows, left < CK_PANEL ? left : CK_PANEL,
             inner);
  }
}

static void kernel_compact_panels(float *y, size_t ldy, const uint16_t *x, size_t ldx,
                                  const void *panels, const ck_panel_epilogue *epilogue, size_t rows,
                                  size_t outputs, size_t inner, void *scratch) {
  multiply_expanded(y, ldy, x, ldx, panels, epilogue, rows, outputs, inner, scratch,
                    expand_word, kernel_bfloat16_panels);
}
