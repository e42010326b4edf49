#pragma once

// Has OpenBLAS choose its kernels again, for this processor. Does nothing where the user chose
// (OPENBLAS_CORETYPE), where the library was not built for several processors, or where its choice uses
// all that the processor has.
void cob_choose_kernels(void *library);
