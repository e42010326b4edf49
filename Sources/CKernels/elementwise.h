// Kernels that compute each element independently.

static void kernel_add(float *y, const float *a, const float *b, size_t n) {
  EACH_VECTOR(i, k, n, { store(y + i, load(a + i, k) + load(b + i, k), k); });
}

static void kernel_accumulate(float *y, const float *a, size_t n) {
  EACH_VECTOR(i, k, n, { store(y + i, load(y + i, k) + load(a + i, k), k); });
}

static void kernel_scale(float *y, const float *a, float s, size_t n) {
  EACH_VECTOR(i, k, n, { store(y + i, load(a + i, k) * s, k); });
}

static void kernel_multiply(float *y, const float *a, const float *b, size_t n) {
  EACH_VECTOR(i, k, n, { store(y + i, load(a + i, k) * load(b + i, k), k); });
}

static void kernel_add_bias(float *x, const float *bias, size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r++) kernel_accumulate(x + r * width, bias, width);
}

static void kernel_gelu(float *y, const float *x, size_t n) {
  EACH_VECTOR(i, k, n, { store(y + i, gelu_vector(load(x + i, k)), k); });
}

static void kernel_gelu_backward(float *dx, const float *dy, const float *x, size_t n) {
  EACH_VECTOR(i, k, n, {
    store(dx + i, load(dy + i, k) * gelu_derivative_vector(load(x + i, k)), k);
  });
}

// MARK: dropout

// The hash's state from the key and the index's upper half.
typedef struct {
  uint32_t first, second;
} mask_key;

INLINE uint64_t mix64(uint64_t z) {  // the finalizer of SplitMix64 (Steele et al. 2014)
  z += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

INLINE mask_key mask_key_of(uint64_t key, uint64_t high) {
  const uint64_t mixed = mix64(mix64(key) + high);
  return (mask_key){(uint32_t)mixed, (uint32_t)(mixed >> 32)};
}

INLINE vu mix32(vu h) {
  h = (h ^ (h >> 16)) * 0x7feb352du;  // multipliers: C. Wellons, hash prospector
  h = (h ^ (h >> 15)) * 0x846ca68bu;
  return h ^ (h >> 16);
}

// Two keyed rounds over a counter: a bijection of the index for each key.
INLINE vu mask_hash(vu index, mask_key key) {
  return mix32(mix32(index + key.first) ^ key.second);
}

// y = (residual +) x·kept/(1 − p), for indices whose upper half is the same throughout.
INLINE void dropout_run(float *y, const float *x, const float *residual, size_t n, mask_key key,
                        uint32_t first, uint32_t threshold, float s) {
  vu index = (vu)lane_numbers() + first;
  EACH_VECTOR(i, k, n, {
    const vf scaled = load(x + i, k) * s;
    const vf kept = mask_hash(index, key) >= (vu)threshold ? scaled : (vf)0.0f;
    store(y + i, residual ? load(residual + i, k) + kept : kept, k);
    index += LANES;
  });
}

INLINE void dropout_all(float *y, const float *x, const float *residual, size_t n, uint64_t key,
                        uint64_t first, float p) {
  const int all = p >= 1.0f;
  const double share = p > 0.0f ? (double)p * 4294967296.0 : 0.0;
  const uint32_t threshold = share < 4294967295.0 ? (uint32_t)share : 4294967295u;
  if (all) {
    EACH_VECTOR(i, k, n, { store(y + i, residual ? load(residual + i, k) : (vf)0.0f, k); });
    return;
  }
  const float s = p > 0.0f ? 1.0f / (1.0f - p) : 1.0f;
  while (n > 0) {
    const uint64_t left = 4294967296u - (first & 0xffffffffu);
    const size_t part = n < left ? n : (size_t)left;
    dropout_run(y, x, residual, part, mask_key_of(key, first >> 32), (uint32_t)first, threshold,
                s);
    y += part;
    x += part;
    if (residual) residual += part;
    n -= part;
    first += part;
  }
}

static void kernel_dropout(float *y, const float *x, size_t n, uint64_t key, uint64_t first,
                           float p) {
  dropout_all(y, x, NULL, n, key, first, p);
}

static void kernel_dropout_add(float *y, const float *x, const float *residual, size_t n,
                               uint64_t key, uint64_t first, float p) {
  dropout_all(y, x, residual, n, key, first, p);
}
