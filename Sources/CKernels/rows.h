// Layer normalization and softmax, row by row.

static void kernel_layer_norm(float *y, float *mean, float *rstd, const float *x,
                              const float *scale, const float *shift, size_t rows, size_t width,
                              float epsilon) {
  for (size_t r = 0; r < rows; r++, x += width, y += width) {
    vf total = 0;
    EACH_VECTOR(i, k, width, { total += load(x + i, k); });
    const float center = lanes_sum(total) / (float)width;
    vf squares = 0;
    EACH_VECTOR(i, k, width, {
      const vf d = keep(load(x + i, k) - center, k, 0.0f);
      squares += d * d;
    });
    const float variance = lanes_sum(squares) / (float)width;
    const float inverse = 1.0f / __builtin_sqrtf(variance + epsilon);
    mean[r] = center;
    rstd[r] = inverse;
    EACH_VECTOR(i, k, width, {
      const vf normal = (load(x + i, k) - center) * inverse;
      store(y + i, normal * load(scale + i, k) + load(shift + i, k), k);
    });
  }
}

static void kernel_layer_norm_backward(float *dx, float *dscale, float *dshift, const float *dy,
                                       const float *x, const float *mean, const float *rstd,
                                       const float *scale, size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r++, x += width, dy += width, dx += width) {
    const float center = mean[r], inverse = rstd[r];
    vf sum = 0, product = 0;
    EACH_VECTOR(i, k, width, {
      const vf d = load(dy + i, k);
      const vf normal = (load(x + i, k) - center) * inverse;
      const vf g = d * load(scale + i, k);
      sum += g;
      product += g * normal;  // g is 0 in the lanes beyond the row
      store(dscale + i, load(dscale + i, k) + d * normal, k);
      store(dshift + i, load(dshift + i, k) + d, k);
    });
    const float g_mean = lanes_sum(sum) / (float)width;
    const float product_mean = lanes_sum(product) / (float)width;
    EACH_VECTOR(i, k, width, {
      const vf normal = (load(x + i, k) - center) * inverse;
      const vf g = load(dy + i, k) * load(scale + i, k);
      store(dx + i, inverse * ((g - g_mean) - normal * product_mean), k);
    });
  }
}

INLINE float scaled_max(const float *x, size_t n, float scale) {
  vf best = -INFINITY;
  EACH_VECTOR(i, k, n, { best = larger(keep(load(x + i, k) * scale, k, -INFINITY), best); });
  return lanes_max(best);
}

static void kernel_softmax(float *x, size_t rows, size_t width, size_t stride, float scale,
                           long causal) {
  for (size_t r = 0; r < rows; r++, x += stride) {
    const size_t visible =
        causal >= 0 && (size_t)causal + r + 1 < width ? (size_t)causal + r + 1 : width;
    const float best = scaled_max(x, visible, scale);
    // Nothing to see (all −∞, or no columns): zeros rather than NaN. But NaN stays NaN.
    const size_t shown = best > -INFINITY || has_nan(x, visible) ? visible : 0;
    if (shown > 0) {
      vf total = 0;
      EACH_VECTOR(i, k, shown, {
        const vf e = keep(exp_vector(load(x + i, k) * scale - best), k, 0.0f);
        total += e;
        store(x + i, e, k);
      });
      const float inverse = 1.0f / lanes_sum(total);
      EACH_VECTOR(i, k, shown, { store(x + i, load(x + i, k) * inverse, k); });
    }
    float *hidden = x + shown;
    EACH_VECTOR(i, k, width - shown, { store(hidden + i, 0, k); });
  }
}

static void kernel_softmax_backward(float *d, const float *p, size_t rows, size_t width,
                                    size_t stride, float scale) {
  for (size_t r = 0; r < rows; r++, d += stride, p += stride) {
    vf sum = 0;
    EACH_VECTOR(i, k, width, { sum += load(d + i, k) * load(p + i, k); });
    const float mean = lanes_sum(sum);
    EACH_VECTOR(i, k, width, {
      store(d + i, scale * load(p + i, k) * (load(d + i, k) - mean), k);
    });
  }
}
