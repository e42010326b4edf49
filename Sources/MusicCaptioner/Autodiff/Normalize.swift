/// y = scale · (x − mean) / √(variance + epsilon) + shift, over the last axis.
///
/// Gradient: with n = (x − mean)/σ and g = dy·scale, dx = (g − mean(g) − n·mean(g·n)) / σ;
/// dscale = Σ dy·n and dshift = Σ dy over the rows.
func layerNorm(
  _ x: Variable, scale: Variable, shift: Variable, epsilon: Float = 1e-5
) -> Variable {
  let result = Kernels.layerNorm(
    x.value, scale: scale.value, shift: shift.value, epsilon: epsilon)
  return Variable(result.y, from: [x, scale, shift]) {
    [
      x = x.value, scale = scale.value, mean = result.mean,
      rstd = result.rstd
    ] dy in
    let (dx, dscale, dshift) = Kernels.layerNormPullback(
      dy, x: x, scale: scale, mean: mean, rstd: rstd)
    return [dx, dscale, dshift]
  }
}
