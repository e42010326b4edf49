// Vector kernels over contiguous float32 memory, in several variants chosen at run time.
//
// Nothing here allocates, starts threads, or keeps state besides the chosen variant. Callers split
// large tensors into blocks; every function works on one block. Pointers need no alignment. Unless
// a comment says otherwise, input and output may be the same memory but must not overlap partly.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Instruction sets that have a compiled variant. Processors other than x86-64 have the baseline
// only, which the compiler vectorizes for what every such processor has (NEON on 64-bit Arm).
typedef enum {
  CK_BASELINE = 0,
  CK_AVX2 = 1,         // x86-64-v3: AVX2, FMA, F16C
  CK_AVX512 = 2,       // x86-64-v4: AVX-512 F, BW, CD, DQ, VL
  CK_AVX512_VNNI = 3,  // also AVX512-VNNI, for products of 8-bit integers
  CK_AVX512_BF16 = 4,  // also AVX512-BF16, for products of bfloat16 numbers
} ck_level;

// The best variant that this processor has; MUSICCAPTIONER_ISA, a level's name, lowers it.
ck_level ck_best_level(void);
ck_level ck_current_level(void);  // this thread's
// Chooses a variant for this thread. Returns 0 and changes nothing where the processor lacks it.
int ck_set_level(ck_level level);
const char *ck_level_name(ck_level level);  // baseline, avx2, avx512, avx512vnni, avx512bf16

// Processors that this process may run on (its affinity mask).
int ck_processor_count(void);

// Whether this thread takes numbers too small for a full significand (below 1.2e-38) as zero, in and
// out. Many processors need a hundred times as long for an operation with such a number as for any
// other, and a few in a hundred, the tails of a GELU, slow down a whole product. Returns what it was.
int ck_flush_subnormals(int flush);

// Tells the processor that this thread waits for another one.
static inline void ck_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  __asm__ volatile("yield");
#endif
}

// MARK: elementwise

void ck_add(float *y, const float *a, const float *b, size_t n);         // y = a + b
void ck_accumulate(float *y, const float *a, size_t n);                  // y += a
void ck_scale(float *y, const float *a, float s, size_t n);              // y = s·a
void ck_multiply(float *y, const float *a, const float *b, size_t n);    // y = a·b
void ck_add_bias(float *x, const float *bias, size_t rows, size_t width);  // x[r][c] += bias[c]

// Exact (erf) GELU: y = x·Φ(x); and dx = dy·(Φ(x) + x·φ(x)).
void ck_gelu(float *y, const float *x, size_t n);
void ck_gelu_backward(float *dx, const float *dy, const float *x, size_t n);

// Dropout whose mask is a function of key and element index only, so that any split of the work
// and the backward see the same mask. Element i of this block has index first + i. Kept elements
// (probability 1 − p) are scaled by 1/(1 − p).
void ck_dropout(float *y, const float *x, size_t n, uint64_t key, uint64_t first, float p);
void ck_dropout_add(float *y, const float *x, const float *residual, size_t n, uint64_t key,
                    uint64_t first, float p);  // y = residual + dropout(x)

// MARK: rows

// y = scale·(x − mean)·rstd + shift over each row; rstd = 1/√(variance + epsilon), biased variance.
void ck_layer_norm(float *y, float *mean, float *rstd, const float *x, const float *scale,
                   const float *shift, size_t rows, size_t width, float epsilon);
// dx, and dscale, dshift ADDED to what is there.
void ck_layer_norm_backward(float *dx, float *dscale, float *dshift, const float *dy,
                            const float *x, const float *mean, const float *rstd,
                            const float *scale, size_t rows, size_t width);

// Softmax of scale·x in place over rows of `width` with leading dimension `stride`. With causal ≥ 0
// row r may see the first min(width, causal + r + 1) columns; the rest become 0. causal < 0: all.
void ck_softmax(float *x, size_t rows, size_t width, size_t stride, float scale, long causal);
// d = scale·p·(d − Σ d·p) in place; p is softmax's output, both with the same stride.
void ck_softmax_backward(float *d, const float *p, size_t rows, size_t width, size_t stride,
                         float scale);

// Cross-entropy with label smoothing over rows of logits; returns Σ of the rows' losses:
// (1 − s)·(−log p[target]) + s·mean over classes of (−log p). logits become d loss / d logits.
// A target outside 0..<width gives no loss and no gradient.
double ck_cross_entropy(float *logits, const int32_t *targets, size_t rows, size_t width,
                        float smoothing);

// The logarithm of Σ exp(x).
float ck_log_sum_exp(const float *x, size_t n);

// sum[c] += Σ_r x[r][c]
void ck_column_sum(float *sum, const float *x, size_t rows, size_t width);

// y[c][r] = x[r][c]; y and x must not overlap.
void ck_transpose(float *y, const float *x, size_t rows, size_t columns);

// MARK: reductions, in double

double ck_sum(const float *x, size_t n);
double ck_sum_of_squares(const float *x, size_t n);
// The place of the first number above the threshold; n where there is none.
size_t ck_first_above(const float *x, size_t n, float threshold);

// MARK: attention of single positions, for decoding

// One head of attention: out = Σ_i softmax_i(scale·q·k_i)·v_i over `count` positions, whose keys and
// values, of width `head_width`, begin at k and v with leading dimension `stride`: rows index[i], or i
// where index is NULL. scratch has `count` floats.
void ck_attend(float *out, const float *q, const float *k, const float *v, const int32_t *index,
               size_t count, size_t stride, size_t head_width, float scale, float *scratch);
// The same over keys and values in bfloat16; everything else is float32.
void ck_attend_bfloat16(float *out, const float *q, const uint16_t *k, const uint16_t *v,
                        const int32_t *index, size_t count, size_t stride, size_t head_width,
                        float scale, float *scratch);

// MARK: products of few rows with a matrix, for decoding

// y[r][o] = Σ_i x[r][i]·w[o][i], with leading dimensions ldy and ldx; w is [outputs, inner].
void ck_product_rows(float *y, size_t ldy, const float *x, size_t ldx, const float *w, size_t rows,
                     size_t outputs, size_t inner);

// MARK: products with packed weights, for captioning

// Outputs of a panel. A matrix w [outputs, inner] is kept in panels of this many outputs, one after
// another: the first 32 bits of all outputs lie together, then the next 32 bits of all. Outputs that the last
// panel lacks, and numbers that the last word lacks, are 0.
#define CK_PANEL 64

// Bytes of a panel whose outputs have `row_bytes` bytes each.
static inline size_t ck_panel_bytes(size_t row_bytes) { return (row_bytes + 3) / 4 * 4 * CK_PANEL; }

// How a sum becomes a result: y = sum + bias[o] for bfloat16 numbers (the other fields are unused), and
// y = (sum − offsets[o])·scales[o]·row_scales[r] + bias[o] for bytes.
typedef struct {
  const float *bias, *scales, *row_scales;
  const int32_t *offsets;
} ck_panel_epilogue;

// y[r][o] of Σ_i x[r][i]·w[o][i] for bfloat16 numbers, and for unsigned (x) times signed bytes, with
// leading dimensions ldy and ldx.
void ck_bfloat16_panels(float *y, size_t ldy, const uint16_t *x, size_t ldx, const void *panels,
                        const ck_panel_epilogue *epilogue, size_t rows, size_t outputs, size_t inner);
void ck_int8_panels(float *y, size_t ldy, const uint8_t *x, size_t ldx, const void *panels,
                    const ck_panel_epilogue *epilogue, size_t rows, size_t outputs, size_t inner);

// Bytes of a panel of bfloat16 numbers that is kept in 12 bits a number, with a header and room for one
// exception of eight bytes among 512 numbers.
static inline size_t ck_compact_panel_bytes(size_t inner) {
  return 64 + inner / 8 * 8 / 64 * 64 + (inner + 1) / 2 * (CK_PANEL * 3);
}

// Makes a compact panel of a panel. Returns 0 where there is no room for all of its numbers that are below
// 2⁻¹⁵ of its largest.
int ck_compact_panel(void *compact, const void *panel, size_t inner);
// The same product with compact panels; `scratch` has room for one panel that isn't compact.
void ck_compact_panels(float *y, size_t ldy, const uint16_t *x, size_t ldx, const void *panels,
                       const ck_panel_epilogue *epilogue, size_t rows, size_t outputs, size_t inner,
                       void *scratch);

// A row's numbers in steps of its largest magnitude over 127 (the scale): signed, returning the sum of
// the steps, or shifted by 128. A row of zeros has a scale of 1.
int32_t ck_quantize_signed(int8_t *y, float *scale, const float *x, size_t n);
void ck_quantize_unsigned(uint8_t *y, float *scale, const float *x, size_t n);

// MARK: optimizer

// Doubles, as PyTorch has them: 1 − beta2 of a float beta2 is wrong in the fifth digit.
typedef struct {
  double learning_rate, beta1, beta2, epsilon, weight_decay;
  double bias_correction1;  // 1 − beta1^step
  double bias_correction2;  // 1 − beta2^step
  double gradient_scale;    // multiplies the gradient first (clipping, the loss's mean)
} ck_adamw_options;

// One AdamW step as torch.optim.AdamW takes it: p *= 1 − lr·wd; m, v updated; p −= lr/bc1 · m /
// (√v/√bc2 + ε). Returns Σ g², of the gradient before it is scaled.
double ck_adamw(float *p, float *m, float *v, const float *g, size_t n,
                const ck_adamw_options *options);

// MARK: audio features

// y[0…n] = re² + im² of the spectrum of 2n real numbers; re² alone if real_only. z is the transform of
// the numbers taken in pairs as n ≥ 1 complex ones; cosines and sines are those of π·i/n, i = 0…n/2.
// y must not overlap the others.
void ck_power_spectrum(float *y, const float *z, const float *cosines, const float *sines, size_t n,
                       int real_only);
// y[c] = Σ_r weights[r]·x[r][c]; y must not overlap x.
void ck_weighted_rows(float *y, const float *x, const float *weights, size_t rows, size_t width);
// y = 10·log10(max(x, 1e-10))
void ck_decibels(float *y, const float *x, size_t n);

// MARK: narrow numbers (bfloat16 to nearest even)

void ck_float_to_bfloat16(uint16_t *y, const float *x, size_t n);

#ifdef __cplusplus
}
#endif
