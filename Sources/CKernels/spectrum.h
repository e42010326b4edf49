// Audio features: the spectrum of real numbers, mel bands, decibels.

INLINE vf reverse(vf v) {
#if LANES == 16
  return __builtin_shufflevector(v, v, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
#elif LANES == 8
  return __builtin_shufflevector(v, v, 7, 6, 5, 4, 3, 2, 1, 0);
#else
  return __builtin_shufflevector(v, v, 3, 2, 1, 0);
#endif
}

typedef struct {
  vf re, im;
} vcomplex;

// k complex numbers from p upwards.
INLINE vcomplex load_upwards(const float *p, size_t k) {
  vw v = 0;
  if (k >= LANES) {
    __builtin_memcpy(&v, p, sizeof v);
  } else {
    for (size_t j = 0; j < 2 * k; j++) v[j] = p[j];
  }
  return (vcomplex){v.even, v.odd};
}

// k complex numbers from p downwards.
INLINE vcomplex load_downwards(const float *p, size_t k) {
  vw v = 0;
  if (k >= LANES) {
    __builtin_memcpy(&v, p - 2 * (LANES - 1), sizeof v);
  } else {
    for (size_t j = 0; j < k; j++, p -= 2) {
      v[2 * (LANES - 1 - j)] = p[0];
      v[2 * (LANES - 1 - j) + 1] = p[1];
    }
  }
  return (vcomplex){reverse(v.even), reverse(v.odd)};
}

INLINE void store_downwards(float *p, vf v, size_t k) {
  if (k >= LANES) {
    store(p - (LANES - 1), reverse(v), LANES);
  } else {
    for (size_t j = 0; j < k; j++) *p-- = v[j];
  }
}

// The pairs' transform z holds that of the numbers with even places, E, and that of those with odd
// ones, O, as z = E + iO. Both are of real numbers, so z[i] and the conjugate of z[n − i] separate
// them; the spectrum of all is E + wO at i, with w = exp(−iπ·i/n), and the conjugate of E − wO at
// n − i.
INLINE void power_of_pairs(float *y, const float *z, const float *cosines, const float *sines,
                           size_t n, int real_only) {
  y[0] = (z[0] + z[1]) * (z[0] + z[1]);
  y[n] = (z[0] - z[1]) * (z[0] - z[1]);
  EACH_VECTOR(j, k, n / 2, {
    const size_t i = 1 + j;
    const vcomplex low = load_upwards(z + 2 * i, k);
    const vcomplex high = load_downwards(z + 2 * (n - i), k);
    const vf c = load(cosines + i, k), s = load(sines + i, k);
    // Twice E and O; the squares are quartered.
    const vf even_re = low.re + high.re, even_im = low.im - high.im;
    const vf odd_re = low.im + high.im, odd_im = high.re - low.re;
    const vf turned_re = c * odd_re + s * odd_im, turned_im = c * odd_im - s * odd_re;
    const vf sum_re = even_re + turned_re, sum_im = even_im + turned_im;
    const vf rest_re = even_re - turned_re, rest_im = even_im - turned_im;
    vf sum = sum_re * sum_re;
    vf rest = rest_re * rest_re;
    if (!real_only) {
      sum += sum_im * sum_im;
      rest += rest_im * rest_im;
    }
    store(y + i, 0.25f * sum, k);
    store_downwards(y + n - i, 0.25f * rest, k);
  });
}

static void kernel_power_spectrum(float *y, const float *z, const float *cosines,
                                  const float *sines, size_t n, int real_only) {
  if (real_only) {
    power_of_pairs(y, z, cosines, sines, n, 1);
  } else {
    power_of_pairs(y, z, cosines, sines, n, 0);
  }
}

static void kernel_weighted_rows(float *y, const float *x, const float *weights, size_t rows,
                                 size_t width) {
  EACH_VECTOR(i, k, width, {
    vf sum = 0;
    for (size_t r = 0; r < rows; r++) sum += weights[r] * load(x + r * width + i, k);
    store(y + i, sum, k);
  });
}

static void kernel_decibels(float *y, const float *x, size_t n) {
  EACH_VECTOR(i, k, n, {
    const vf v = load(x + i, k);
    store(y + i, decibels_vector(v < 1e-10f ? (vf)1e-10f : v), k);
  });
}
