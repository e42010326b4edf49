// The bodies of all kernels, included once by each variant's file, which defines LANES (floats in a
// vector) and VARIANT (the name of its table). Everything is static, so that the copies stay apart.
#include "vector.h"
#include "elementary.h"
#include "elementwise.h"
#include "reductions.h"
#include "rows.h"
#include "losses.h"
#include "attention.h"
#include "optimiser.h"

#define PRODUCT_NAME product_rows
#define PRODUCT_INPUT float
#define PRODUCT_WEIGHT float
#define PRODUCT_SUM float
#define PRODUCT_STEP LANES
#define PRODUCT_VECTOR vf
#define PRODUCT_WIDE_W vf
#define PRODUCT_WIDE_X vf
#define PRODUCT_LOAD_X load
#define PRODUCT_LOAD_W load
#define PRODUCT_ADD(sum, w, x) ((sum) + (w) * (x))
#define PRODUCT_LANES_SUM lanes_sum
#include "narrow_products.h"

#include "conversions.h"
#include "quantization.h"

const ck_kernels VARIANT = {
#define CK_MEMBER(result, name, parameters, arguments) .name = kernel_##name,
    CK_FUNCTIONS(CK_MEMBER)
#undef CK_MEMBER
};
