// The kernels for x86-64-v4, 16 floats at a time.
#include "functions.h"
#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>

// min_vector_width keeps the compiler from splitting the vectors where its tuning prefers less.
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#pragma clang attribute push(__attribute__((min_vector_width(512))), apply_to = function)
#define LANES 16
#define VARIANT ck_kernels_avx512
#include "kernels_body.h"
#pragma clang attribute pop
#pragma clang attribute pop
#endif
