// Conversions from and to 16-bit floats.

static void kernel_float_to_bfloat16(uint16_t *y, const float *x, size_t n) {
  EACH_VECTOR(i, k, n, {
    const vu bits = (vu)load(x + i, k);
    const vu upper = bits >> 16;
    const vu nearest = (bits + 0x7fffu + (upper & 1u)) >> 16;
    const vi is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
    // Rounding could turn a NaN into infinity; a quiet one keeps its upper bits.
    const vu result = is_nan ? (upper | 0x40u) : nearest;
    store_half(y + i, __builtin_convertvector(result, vh), k);
  });
}

static void kernel_bfloat16_to_float(float *y, const uint16_t *x, size_t n) {
  EACH_VECTOR(i, k, n, {
    store(y + i, load_bfloat16(x + i, k), k);
  });
}

static void kernel_float16_to_float(float *y, const uint16_t *x, size_t n) {
  EACH_VECTOR(i, k, n, {
    const vu half = __builtin_convertvector(load_half(x + i, k), vu);
    // The exponent and mantissa in a float's places, the exponent's bias corrected by a product,
    // which is exact for subnormal numbers too.
    const vf magnitude = (vf)((half & 0x7fffu) << 13) * 0x1p112f;
    const vi special = (half & 0x7c00u) == 0x7c00u;
    const vu bits = (vu)magnitude | (special ? (vu)0x7f800000u : (vu)0u);
    store(y + i, (vf)(bits | (half & 0x8000u) << 16), k);
  });
}
