// Log-sum-exp and cross-entropy over rows of a vocabulary's logits.

// This many elements are summed in lanes of floats before the sum continues in double.
enum { run_length = 1024 };

// Σ exp(x − best), storing each term where `terms` is not NULL (it may be x).
INLINE double exp_sum(float *terms, const float *x, size_t n, float best) {
  double sum = 0;
  for (size_t start = 0; start < n; start += run_length) {
    const size_t count = n - start < run_length ? n - start : run_length;
    const float *from = x + start;
    float *to = terms ? terms + start : NULL;
    vf run = 0;
    EACH_VECTOR(i, k, count, {
      const vf e = keep(exp_vector(load(from + i, k) - best), k, 0.0f);
      run += e;
      if (to) store(to + i, e, k);
    });
    sum += (double)lanes_sum(run);
  }
  return sum;
}

static float kernel_log_sum_exp(const float *x, size_t n) {
  const float best = scaled_max(x, n, 1.0f);
  // ∞ − ∞ below would be NaN; but a NaN among the numbers must not hide.
  if (best == INFINITY || best == -INFINITY) return has_nan(x, n) ? NAN : best;
  return (float)((double)best + log(exp_sum(NULL, x, n, best)));
}

// A target outside the vocabulary has no loss and no gradient, as padding has.
INLINE int is_class(int32_t target, size_t width) {
  return target >= 0 && (size_t)target < width;
}

static double kernel_cross_entropy(float *logits, const int32_t *targets, size_t rows,
                                   size_t width, float smoothing) {
  double total = 0;
  for (size_t r = 0; r < rows; r++, logits += width) {
    if (!is_class(targets[r], width)) {
      EACH_VECTOR(i, k, width, { store(logits + i, 0, k); });
      continue;
    }
    const float best = scaled_max(logits, width, 1.0f);
    const float at_target = logits[targets[r]];
    const double sum = smoothing > 0 ? kernel_sum(logits, width) : 0;
    const double normalizer = exp_sum(logits, logits, width, best);
    const double log_sum = (double)best + log(normalizer);
    double loss = log_sum - (double)at_target;
    if (smoothing > 0) {
      const double over_all = log_sum - sum / (double)width;
      loss = (1.0 - (double)smoothing) * loss + (double)smoothing * over_all;
    }
    total += loss;
    const float inverse = (float)(1.0 / normalizer);
    const float uniform = smoothing / (float)width;
    EACH_VECTOR(i, k, width, { store(logits + i, load(logits + i, k) * inverse - uniform, k); });
    logits[targets[r]] -= 1.0f - smoothing;
  }
  return total;
}
