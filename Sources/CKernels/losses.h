// Log-sum-exp and cross-entropy over rows of a vocabulary's logits.

// Floats are summed in lanes over so many elements before the sum goes on in double.
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

typedef struct {
  double plain, smoothed;
  double normaliser;  // Σ exp(x − best)
} row_loss;

// The losses of one row from Σ exp(x − best); `sum` is Σ x, needed with smoothing only.
INLINE row_loss losses_of(double normaliser, float best, float at_target, double sum, size_t width,
                          float smoothing) {
  const double log_sum = (double)best + log(normaliser);
  row_loss loss = {.plain = log_sum - (double)at_target, .normaliser = normaliser};
  loss.smoothed = loss.plain;
  if (smoothing > 0) {
    const double uniform = log_sum - sum / (double)width;
    loss.smoothed = (1.0 - (double)smoothing) * loss.plain + (double)smoothing * uniform;
  }
  return loss;
}

// A target outside the vocabulary has no loss and no gradient, as padding has.
INLINE int is_class(int32_t target, size_t width) {
  return target >= 0 && (size_t)target < width;
}

static double kernel_cross_entropy(float *logits, const int32_t *targets, size_t rows,
                                   size_t width, float smoothing, float gradient_scale) {
  double total = 0;
  for (size_t r = 0; r < rows; r++, logits += width) {
    if (!is_class(targets[r], width)) {
      EACH_VECTOR(i, k, width, { store(logits + i, 0, k); });
      continue;
    }
    const float best = scaled_max(logits, width, 1.0f);
    const float at_target = logits[targets[r]];
    const double sum = smoothing > 0 ? kernel_sum(logits, width) : 0;
    const double normaliser = exp_sum(logits, logits, width, best);
    total += losses_of(normaliser, best, at_target, sum, width, smoothing).smoothed;
    const float inverse = (float)((double)gradient_scale / normaliser);
    const float uniform = gradient_scale * smoothing / (float)width;
    EACH_VECTOR(i, k, width, { store(logits + i, load(logits + i, k) * inverse - uniform, k); });
    logits[targets[r]] -= gradient_scale * (1.0f - smoothing);
  }
  return total;
}

static void kernel_cross_entropy_loss(const float *logits, const int32_t *targets, size_t rows,
                                      size_t width, float smoothing, double *smoothed,
                                      double *plain) {
  *smoothed = 0;
  *plain = 0;
  for (size_t r = 0; r < rows; r++, logits += width) {
    if (!is_class(targets[r], width)) continue;
    const float best = scaled_max(logits, width, 1.0f);
    const double sum = smoothing > 0 ? kernel_sum(logits, width) : 0;
    const row_loss loss = losses_of(exp_sum(NULL, logits, width, best), best, logits[targets[r]],
                                    sum, width, smoothing);
    *smoothed += loss.smoothed;
    *plain += loss.plain;
  }
}
