// The table VARIANT of the kernels included before it.
const ck_kernels VARIANT = {
#define CK_MEMBER(result, name, parameters, arguments) .name = kernel_##name,
    CK_FUNCTIONS(CK_MEMBER)
#undef CK_MEMBER
};
