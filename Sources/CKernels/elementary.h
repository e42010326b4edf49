// Elementary functions on vectors: exp, the normal distribution, log10.
//
// The polynomials are near-minimax fits (weighted least squares at Chebyshev nodes, reweighted to
// equal error) made for these kernels; the comments give their relative errors.

// exp(x + small) for |small| ≤ 0.1 and −150 ≤ x ≤ 130, rounded once more where it is subnormal.
// The two parts let a caller pass an argument that has more digits than a float.
INLINE vf exp_of_sum(vf x, vf small) {
  const float magic = 12582912.0f;  // 1.5·2²³: adding it rounds to an integer in the low bits
  const vf shifted = (x + small) * 1.44269504f + magic;
  const vf n = shifted - magic;
  const vi exponent = (vi)shifted - (vi)(vf)magic;
  // ln 2 in two parts; the first has nine bits, so that its product with n is exact.
  const vf r = (x - n * 0.693359375f) + (n * 2.12194440e-4f + small);
  vf p = 1.379523193e-3f;  // (eʳ − 1 − r) / r² on |r| ≤ 0.39; 7e-9 of eʳ
  p = p * r + 8.378096856e-3f;
  p = p * r + 4.166941717e-2f;
  p = p * r + 1.666643322e-1f;
  p = p * r + 4.999998808e-1f;
  const vf y = 1.0f + (r + (r * r) * p);
  // Two factors: 2ⁿ itself may overflow, or be subnormal, where the product is not.
  const vi half = exponent >> 1;
  const vf first = (vf)((vu)(half + 127) << 23);
  const vf second = (vf)((vu)(exponent - half + 127) << 23);
  return y * first * second;
}

// Within 2 ulp; 0 at −∞, ∞ above 88.72, NaN of NaN.
INLINE vf exp_vector(vf x) {
  x = x < -104.0f ? (vf)-104.0f : x;
  x = x > 89.0f ? (vf)89.0f : x;
  return exp_of_sum(x, 0);
}

typedef struct {
  vf magnitude;  // |x|, at most 15
  vf density;    // exp(−x²/2)
  vf ratio;      // Φ(−|x|) / density
} normal_parts;

// The parts of the normal distribution from which GELU and its derivative keep their relative accuracy
// in the far negative tail; 1 − erf would lose all digits there.
INLINE normal_parts normal_parts_of(vf x) {
  normal_parts parts;
  vf a = x < 0.0f ? -x : x;
  a = a > 15.0f ? (vf)15.0f : a;
  // a² in two parts: its rounding error alone would be 50 ulp of the result at a = 12.
  const vf high = (vf)((vu)a & 0xfffff000u);
  parts.magnitude = a;
  parts.density = exp_of_sum(high * high * -0.5f, (a - high) * (a + high) * -0.5f);
  const vf q = 1.0f / (a + 3.0f);
  const vf t = (a - 3.0f) * q;
  vf p = 5.185659393e-5f;  // (a + 3)·ratio on 0 ≤ a ≤ 14.5; 2e-8
  p = p * t - 2.038992534e-4f;
  p = p * t - 9.467511554e-4f;
  p = p * t + 1.017129398e-3f;
  p = p * t + 6.937465165e-3f;
  p = p * t - 1.046244521e-2f;
  p = p * t - 4.725819081e-2f;
  p = p * t + 2.300177068e-1f;
  p = p * t - 5.093321800e-1f;
  p = p * t + 7.290837169e-1f;
  parts.ratio = p * q;
  return parts;
}

INLINE vf gelu_vector(vf x) {
  const normal_parts parts = normal_parts_of(x);
  const vf tail = parts.density * (parts.magnitude * parts.ratio);
  return x < 0.0f ? -tail : x - tail;
}

INLINE vf gelu_derivative_vector(vf x) {
  const normal_parts parts = normal_parts_of(x);
  // Φ(−a) − a·φ(a); the derivative at −x is 1 minus that at x.
  const vf tail = parts.density * (parts.ratio - parts.magnitude * 0.398942280f);
  return x < 0.0f ? tail : 1.0f - tail;
}

// 10·log₁₀ x for normal positive x, within 2 ulp; ∞ and NaN stay.
INLINE vf decibels_vector(vf x) {
  const vu bits = (vu)x;
  // The mantissa is brought into [√½, √2), so that the logarithm of 1 − tiny keeps its digits.
  const vu offset = bits - 0x3f3504f3u;
  const vi exponent = (vi)offset >> 23;
  const vf m = (vf)((offset & 0x007fffffu) + 0x3f3504f3u);
  const vf e = __builtin_convertvector(exponent, vf);
  const vf f = m - 1.0f;
  vf p = -7.634492964e-2f;  // (log(1 + f) − f + f²/2) / f³; 6e-9 of log(1 + f)
  p = p * f + 1.276157498e-1f;
  p = p * f - 1.316018254e-1f;
  p = p * f + 1.420175880e-1f;
  p = p * f - 1.662335694e-1f;
  p = p * f + 2.000122666e-1f;
  p = p * f - 2.500081956e-1f;
  p = p * f + 3.333333135e-1f;
  const vf f2 = f * f;
  const vf rest = f2 * f * p - 0.5f * f2;
  // 10/ln 10 and 10·log₁₀ 2, each as a part of few bits and what is left of it.
  const float per_e_high = 4.34375f, per_e_low = -8.051809675e-4f;
  const float per_2_high = 3.01025390625f, per_2_low = 4.605038981e-5f;
  const vf low = f * per_e_low + (rest * per_e_low + e * per_2_low);
  const vf y = (e * per_2_high + f * per_e_high) + (rest * per_e_high + low);
  return x < INFINITY ? y : x;
}
