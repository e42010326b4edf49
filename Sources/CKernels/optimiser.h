// AdamW (Loshchilov & Hutter 2019), in the order of operations of torch.optim.AdamW.

static void kernel_adamw(float *p, float *m, float *v, const float *g, size_t n,
                         const ck_adamw_options *options) {
  const float decay = (float)(1.0 - (double)options->learning_rate * (double)options->weight_decay);
  const float mean_rate = (float)(1.0 - (double)options->beta1);
  const float square_decay = options->beta2;
  const float square_rate = (float)(1.0 - (double)options->beta2);
  const float root = __builtin_sqrtf(options->bias_correction2);
  const float step = options->learning_rate / options->bias_correction1;
  const float epsilon = options->epsilon, gradient_scale = options->gradient_scale;
  EACH_VECTOR(i, k, n, {
    const vf gradient = load(g + i, k) * gradient_scale;
    const vf old_mean = load(m + i, k);
    const vf mean = old_mean + mean_rate * (gradient - old_mean);
    const vf square = load(v + i, k) * square_decay + square_rate * gradient * gradient;
    const vf denominator = __builtin_elementwise_sqrt(square) / root + epsilon;
    store(m + i, mean, k);
    store(v + i, square, k);
    store(p + i, load(p + i, k) * decay - step * mean / denominator, k);
  });
}
