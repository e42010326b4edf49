#pragma once

// Keeps oneDNN, just loaded, from freeing its kernels when the process ends.
void cod_keep_kernels(void *library);
