// The kernels for what every processor of the architecture has: SSE2, or NEON on 64-bit Arm.
#include "functions.h"
#include <math.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define LANES 4
#define VARIANT ck_kernels_baseline
#include "kernels_body.h"
