// AdamW (Loshchilov & Hutter 2019), in the order of operations of torch.optim.AdamW.

static double kernel_adamw(float *p, float *m, float *v, const float *g, size_t n,
                           const ck_adamw_options *options) {
  const float decay = (float)(1.0 - options->learning_rate * options->weight_decay);
  const float mean_rate = (float)(1.0 - options->beta1);
  const float square_decay = (float)options->beta2;
  const float square_rate = (float)(1.0 - options->beta2);
  const float root = (float)__builtin_sqrt(options->bias_correction2);
  const float step = (float)(options->learning_rate / options->bias_correction1);
  const float epsilon = (float)options->epsilon;
  const float gradient_scale = (float)options->gradient_scale;
  vd squares = 0;
  EACH_VECTOR(i, k, n, {
    const vf given = load(g + i, k);
    squares += WIDEN(given) * WIDEN(given);  // as sum_of_squares, to the last bit
    const vf gradient = given * gradient_scale;
    const vf old_mean = load(m + i, k);
    const vf mean = old_mean + mean_rate * (gradient - old_mean);
    const vf square = load(v + i, k) * square_decay + square_rate * gradient * gradient;
    const vf denominator = __builtin_elementwise_sqrt(square) / root + epsilon;
    store(m + i, mean, k);
    store(v + i, square, k);
    store(p + i, load(p + i, k) * decay - step * mean / denominator, k);
  });
  return lanes_sum_double(&squares);
}
