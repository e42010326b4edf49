// libFuzzer, which the toolchain has without a header.
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*body)(const uint8_t *data, size_t size));

/// libFuzzer's own change to an input; the new size.
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t capacity);
