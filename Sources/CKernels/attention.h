// Attention of one query position over gathered keys and values.

INLINE size_t gathered(const int32_t *index, size_t i) { return index ? (size_t)index[i] : i; }

// Asks for a row that will be read soon: gathered rows lie where the processor can't guess.
INLINE void prefetch_row(const float *row, size_t width) {
  for (size_t c = 0; c < width; c += 16) __builtin_prefetch(row + c);
}

// scores[i] = q·k_i, four positions at a time: one chain of additions would wait for itself. On the
// way it asks for the values, which come next.
INLINE void attend_scores(float *scores, const float *q, const float *k, const float *v,
                          const int32_t *index, size_t count, size_t stride, size_t head_width) {
  enum { ahead = 12 };  // positions between asking for keys and using them
  for (size_t i = 0; i < ahead && i < count; i++) {
    prefetch_row(k + gathered(index, i) * stride, head_width);
  }
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (size_t j = i + ahead; j < i + ahead + 4 && j < count; j++) {
      prefetch_row(k + gathered(index, j) * stride, head_width);
    }
    for (size_t j = i; j < i + 4; j++) prefetch_row(v + gathered(index, j) * stride, head_width);
    const float *k0 = k + gathered(index, i) * stride;
    const float *k1 = k + gathered(index, i + 1) * stride;
    const float *k2 = k + gathered(index, i + 2) * stride;
    const float *k3 = k + gathered(index, i + 3) * stride;
    vf s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    EACH_VECTOR(c, lanes, head_width, {
      const vf x = load(q + c, lanes);
      s0 += x * load(k0 + c, lanes);
      s1 += x * load(k1 + c, lanes);
      s2 += x * load(k2 + c, lanes);
      s3 += x * load(k3 + c, lanes);
    });
    scores[i] = lanes_sum(s0);
    scores[i + 1] = lanes_sum(s1);
    scores[i + 2] = lanes_sum(s2);
    scores[i + 3] = lanes_sum(s3);
  }
  for (; i < count; i++) {
    const float *row = k + gathered(index, i) * stride;
    vf s = 0;
    EACH_VECTOR(c, lanes, head_width, { s += load(q + c, lanes) * load(row + c, lanes); });
    scores[i] = lanes_sum(s);
  }
}

// out = Σ p_i·v_i over `vectors` (at most 4, a constant) whole vectors of columns.
INLINE void attend_values(float *out, const float *p, const float *v, const int32_t *index,
                          size_t count, size_t stride, int vectors) {
  vf s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  for (size_t i = 0; i < count; i++) {
    const float *row = v + gathered(index, i) * stride;
    const float weight = p[i];
    s0 += weight * load(row, LANES);
    if (vectors > 1) s1 += weight * load(row + LANES, LANES);
    if (vectors > 2) s2 += weight * load(row + 2 * LANES, LANES);
    if (vectors > 3) s3 += weight * load(row + 3 * LANES, LANES);
  }
  store(out, s0, LANES);
  if (vectors > 1) store(out + LANES, s1, LANES);
  if (vectors > 2) store(out + 2 * LANES, s2, LANES);
  if (vectors > 3) store(out + 3 * LANES, s3, LANES);
}

static void kernel_attend(float *out, const float *q, const float *k, const float *v,
                          const int32_t *index, size_t count, size_t stride, size_t head_width,
                          float scale, float *scratch) {
  attend_scores(scratch, q, k, v, index, count, stride, head_width);
  kernel_softmax(scratch, 1, count, count, scale, -1);
  size_t left = head_width;
  for (; left >= 4 * LANES; left -= 4 * LANES, out += 4 * LANES, v += 4 * LANES) {
    attend_values(out, scratch, v, index, count, stride, 4);
  }
  for (; left >= 2 * LANES; left -= 2 * LANES, out += 2 * LANES, v += 2 * LANES) {
    attend_values(out, scratch, v, index, count, stride, 2);
  }
  for (; left >= LANES; left -= LANES, out += LANES, v += LANES) {
    attend_values(out, scratch, v, index, count, stride, 1);
  }
  if (left > 0) {
    vf sum = 0;
    for (size_t i = 0; i < count; i++) {
      sum += scratch[i] * load(v + gathered(index, i) * stride, left);
    }
    store(out, sum, left);
  }
}
