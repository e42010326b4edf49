// Vectors of LANES elements, their loads and stores with tails, and folds across lanes.
//
// Included once per variant. A tail goes through the same vector arithmetic as the rest, so that an
// element's result does not depend on where a block begins or ends.

#define INLINE static inline __attribute__((always_inline, unused))

typedef float vf __attribute__((ext_vector_type(LANES)));
typedef double vd __attribute__((ext_vector_type(LANES)));
typedef int32_t vi __attribute__((ext_vector_type(LANES)));
typedef uint32_t vu __attribute__((ext_vector_type(LANES)));
typedef uint16_t vh __attribute__((ext_vector_type(LANES)));
typedef float vw __attribute__((ext_vector_type(2 * LANES)));
typedef float f4 __attribute__((ext_vector_type(4)));
typedef float f8 __attribute__((ext_vector_type(8)));

// Runs the block for i = 0, LANES, 2·LANES, …; k is LANES, a constant, but for the last, partial
// vector.
#define EACH_VECTOR(i, k, n, ...)                \
  do {                                           \
    size_t i = 0;                                \
    for (; i + LANES <= (n); i += LANES) {       \
      const size_t k = LANES;                    \
      __VA_ARGS__                                \
    }                                            \
    if (i < (n)) {                               \
      const size_t k = (n) - i;                  \
      __VA_ARGS__                                \
    }                                            \
  } while (0)

#if LANES == 8
static const int32_t tail_masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

INLINE __m256i tail_mask(size_t k) {
  return _mm256_loadu_si256((const __m256i *)(const void *)(tail_masks + 8 - k));
}
#endif

INLINE vi lane_numbers(void) {
  vi lanes;
#pragma clang loop unroll(full)
  for (int j = 0; j < LANES; j++) lanes[j] = j;
  return lanes;
}

// The first k lanes of v, the others replaced.
INLINE vf keep(vf v, size_t k, float fill) {
  return k >= LANES ? v : (lane_numbers() < (vi)(int32_t)k) ? v : (vf)fill;
}

// k floats, the other lanes 0.
INLINE vf load(const float *p, size_t k) {
  vf v = 0;
  if (k >= LANES) {
    __builtin_memcpy(&v, p, sizeof v);
    return v;
  }
#if LANES == 8
  return (vf)_mm256_maskload_ps(p, tail_mask(k));
#elif LANES == 16
  return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << k) - 1), p);
#else
  for (size_t j = 0; j < k; j++) v[j] = p[j];
  return v;
#endif
}

INLINE void store(float *p, vf v, size_t k) {
  if (k >= LANES) {
    __builtin_memcpy(p, &v, sizeof v);
    return;
  }
#if LANES == 8
  _mm256_maskstore_ps(p, tail_mask(k), (__m256)v);
#elif LANES == 16
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << k) - 1), (__m512)v);
#else
  for (size_t j = 0; j < k; j++) p[j] = v[j];
#endif
}

INLINE vh load_half(const uint16_t *p, size_t k) {
  vh v = 0;
  if (k >= LANES) {
    __builtin_memcpy(&v, p, sizeof v);
  } else {
    for (size_t j = 0; j < k; j++) v[j] = p[j];
  }
  return v;
}

// k bfloat16 numbers, which are the upper halves of floats; the other lanes 0.
INLINE vf load_bfloat16(const uint16_t *p, size_t k) {
  return (vf)(__builtin_convertvector(load_half(p, k), vu) << 16);
}

INLINE void store_half(uint16_t *p, vh v, size_t k) {
  if (k >= LANES) {
    __builtin_memcpy(p, &v, sizeof v);
  } else {
    for (size_t j = 0; j < k; j++) p[j] = v[j];
  }
}

// Vectors wider than the processor's (vd, vw) never pass by value: that has no settled convention.
#define WIDEN(v) __builtin_convertvector(v, vd)

// Every four lanes of the result come from the same four of a and b, by number 0…3 (a) and 4…7 (b).
#define OF_FOUR(i, four) (((i) < 4 ? (i) : LANES + (i)-4) + 4 * (four))
#define FOUR(p, q, r, s, n) OF_FOUR(p, n), OF_FOUR(q, n), OF_FOUR(r, n), OF_FOUR(s, n)
#if LANES == 16
#define SHUFFLE_FOURS(a, b, p, q, r, s)                                      \
  __builtin_shufflevector(a, b, FOUR(p, q, r, s, 0), FOUR(p, q, r, s, 1), \
                          FOUR(p, q, r, s, 2), FOUR(p, q, r, s, 3))
#elif LANES == 8
#define SHUFFLE_FOURS(a, b, p, q, r, s) \
  __builtin_shufflevector(a, b, FOUR(p, q, r, s, 0), FOUR(p, q, r, s, 1))
#else
#define SHUFFLE_FOURS(a, b, p, q, r, s) __builtin_shufflevector(a, b, FOUR(p, q, r, s, 0))
#endif

// Prefetches weights that `rows` rows are multiplied by, at most `most` at a time. Fewer are the last rows,
// and often the only ones: the weights are not needed again, and caches need not keep them.
#define PREFETCH_FOR_ROWS(weights, rows, most) \
  ((rows) < (most) ? __builtin_prefetch(weights, 0, 0) : __builtin_prefetch(weights))

// b where a is NaN.
INLINE vf larger(vf a, vf b) { return a > b ? a : b; }

INLINE float lanes_sum(vf v) {
#if LANES == 16
  const f8 half = v.lo + v.hi;
  const f4 q = half.lo + half.hi;
#elif LANES == 8
  const f4 q = v.lo + v.hi;
#else
  const f4 q = v;
#endif
  return (q.x + q.z) + (q.y + q.w);
}

INLINE double lanes_sum_double(const vd *v) {
  double sum = 0;
#pragma clang loop unroll(full)
  for (int j = 0; j < LANES; j++) sum += (*v)[j];
  return sum;
}

INLINE float lanes_max(vf v) {
  float best = v[0];
#pragma clang loop unroll(full)
  for (int j = 1; j < LANES; j++) best = v[j] > best ? v[j] : best;
  return best;
}
