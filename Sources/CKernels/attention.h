// Attention of one query position over gathered keys and values.
//
// Keys and values are float32 or bfloat16: `size`, a constant wherever it appears, is the bytes of one
// number.

INLINE vf load_numbers(const void *p, size_t k, size_t size) {
  return size == sizeof(float) ? load(p, k) : load_bfloat16(p, k);
}

INLINE const void *advanced(const void *p, size_t numbers, size_t size) {
  return (const char *)p + numbers * size;
}

// Row i, or the row that the index names for it.
INLINE const void *gathered(const void *p, const int32_t *index, size_t i, size_t stride,
                            size_t size) {
  return advanced(p, (index ? (size_t)index[i] : i) * stride, size);
}

// Prefetches a row that will be read soon: the processor can't predict where gathered rows lie.
INLINE void prefetch_row(const void *row, size_t width, size_t size) {
  for (size_t c = 0; c < width * size; c += 64) __builtin_prefetch(advanced(row, c, 1));
}

// scores[i] = q·k_i, four positions at a time: in a single chain each addition would wait for the last.
// Prefetches the values, which are needed next.
INLINE void attend_scores(float *scores, const float *q, const void *k, const void *v,
                          const int32_t *index, size_t count, size_t stride, size_t head_width,
                          size_t size) {
  enum { ahead = 12 };  // positions between prefetching keys and using them
  for (size_t i = 0; i < ahead && i < count; i++) {
    prefetch_row(gathered(k, index, i, stride, size), head_width, size);
  }
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (size_t j = i + ahead; j < i + ahead + 4 && j < count; j++) {
      prefetch_row(gathered(k, index, j, stride, size), head_width, size);
    }
    for (size_t j = i; j < i + 4; j++) {
      prefetch_row(gathered(v, index, j, stride, size), head_width, size);
    }
    const void *k0 = gathered(k, index, i, stride, size);
    const void *k1 = gathered(k, index, i + 1, stride, size);
    const void *k2 = gathered(k, index, i + 2, stride, size);
    const void *k3 = gathered(k, index, i + 3, stride, size);
    vf s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    EACH_VECTOR(c, lanes, head_width, {
      const vf x = load(q + c, lanes);
      s0 += x * load_numbers(advanced(k0, c, size), lanes, size);
      s1 += x * load_numbers(advanced(k1, c, size), lanes, size);
      s2 += x * load_numbers(advanced(k2, c, size), lanes, size);
      s3 += x * load_numbers(advanced(k3, c, size), lanes, size);
    });
    scores[i] = lanes_sum(s0);
    scores[i + 1] = lanes_sum(s1);
    scores[i + 2] = lanes_sum(s2);
    scores[i + 3] = lanes_sum(s3);
  }
  for (; i < count; i++) {
    const void *row = gathered(k, index, i, stride, size);
    vf s = 0;
    EACH_VECTOR(c, lanes, head_width, {
      s += load(q + c, lanes) * load_numbers(advanced(row, c, size), lanes, size);
    });
    scores[i] = lanes_sum(s);
  }
}

// out = Σ p_i·v_i over `vectors` (at most 4, a constant) whole vectors of columns.
INLINE void attend_values(float *out, const float *p, const void *v, const int32_t *index,
                          size_t count, size_t stride, int vectors, size_t size) {
  vf s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  for (size_t i = 0; i < count; i++) {
    const void *row = gathered(v, index, i, stride, size);
    const float weight = p[i];
    s0 += weight * load_numbers(row, LANES, size);
    if (vectors > 1) s1 += weight * load_numbers(advanced(row, LANES, size), LANES, size);
    if (vectors > 2) s2 += weight * load_numbers(advanced(row, 2 * LANES, size), LANES, size);
    if (vectors > 3) s3 += weight * load_numbers(advanced(row, 3 * LANES, size), LANES, size);
  }
  store(out, s0, LANES);
  if (vectors > 1) store(out + LANES, s1, LANES);
  if (vectors > 2) store(out + 2 * LANES, s2, LANES);
  if (vectors > 3) store(out + 3 * LANES, s3, LANES);
}

INLINE void attend_numbers(float *out, const float *q, const void *k, const void *v,
                           const int32_t *index, size_t count, size_t stride, size_t head_width,
                           float scale, float *scratch, size_t size) {
  attend_scores(scratch, q, k, v, index, count, stride, head_width, size);
  kernel_softmax(scratch, 1, count, count, scale, -1);
  size_t c = 0;
  for (; c + 4 * LANES <= head_width; c += 4 * LANES) {
    attend_values(out + c, scratch, advanced(v, c, size), index, count, stride, 4, size);
  }
  for (; c + 2 * LANES <= head_width; c += 2 * LANES) {
    attend_values(out + c, scratch, advanced(v, c, size), index, count, stride, 2, size);
  }
  for (; c + LANES <= head_width; c += LANES) {
    attend_values(out + c, scratch, advanced(v, c, size), index, count, stride, 1, size);
  }
  if (c < head_width) {
    vf sum = 0;
    for (size_t i = 0; i < count; i++) {
      const void *row = gathered(v, index, i, stride, size);
      sum += scratch[i] * load_numbers(advanced(row, c, size), head_width - c, size);
    }
    store(out + c, sum, head_width - c);
  }
}

static void kernel_attend(float *out, const float *q, const float *k, const float *v,
                          const int32_t *index, size_t count, size_t stride, size_t head_width,
                          float scale, float *scratch) {
  attend_numbers(out, q, k, v, index, count, stride, head_width, scale, scratch, sizeof *k);
}

static void kernel_attend_bfloat16(float *out, const float *q, const uint16_t *k,
                                   const uint16_t *v, const int32_t *index, size_t count,
                                   size_t stride, size_t head_width, float scale,
                                   float *scratch) {
  attend_numbers(out, q, k, v, index, count, stride, head_width, scale, scratch, sizeof *k);
}
