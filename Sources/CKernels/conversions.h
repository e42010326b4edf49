// Rounding to bfloat16.

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
