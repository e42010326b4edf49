// Numbers to and from 8-bit steps of a row's largest magnitude.

INLINE float step_of(const float *x, size_t n) {
  vf largest = 0;
  EACH_VECTOR(i, k, n, {
    const vf v = load(x + i, k);
    largest = larger(v < 0.0f ? -v : v, largest);
  });
  const float magnitude = lanes_max(largest);
  return magnitude > 0 ? magnitude / 127.0f : 1.0f;
}

// x / step, rounded to the nearest, ties to even, by way of a number whose last bit is worth 1.
INLINE vi steps_of(vf x, float inverse) {
  const float magic = 12582912.0f;
  const vf shifted = x * inverse + magic;
  vi steps = (vi)shifted - (vi)(vf)magic;
  // NaN must not become a number far outside the range.
  steps = steps > 127 ? (vi)127 : steps;
  return steps < -127 ? (vi)-127 : steps;
}

static int32_t kernel_quantize_signed(int8_t *y, float *scale, const float *x, size_t n) {
  const float step = step_of(x, n);
  const float inverse = 1.0f / step;
  int32_t sum = 0;
  *scale = step;
  EACH_VECTOR(i, k, n, {
    const vi steps = steps_of(load(x + i, k), inverse);
    for (size_t j = 0; j < k; j++) {
      y[i + j] = (int8_t)steps[j];
      sum += steps[j];
    }
  });
  return sum;
}

static void kernel_quantize_unsigned(uint8_t *y, float *scale, const float *x, size_t n) {
  typedef uint8_t vb __attribute__((ext_vector_type(LANES)));
  const float step = step_of(x, n);
  const float inverse = 1.0f / step;
  *scale = step;
  EACH_VECTOR(i, k, n, {
    const vb bytes = __builtin_convertvector(steps_of(load(x + i, k), inverse) + 128, vb);
    if (k >= LANES) {
      __builtin_memcpy(y + i, &bytes, sizeof bytes);
    } else {
      for (size_t j = 0; j < k; j++) y[i + j] = bytes[j];
    }
  });
}
