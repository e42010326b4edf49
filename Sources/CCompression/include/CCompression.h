// Decompression by zlib, libzstd and libsnappy, whose own interfaces (macros, structures that hold
// pointers) Swift can't use well. Nothing here compresses.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ccompression_format {
  // gzip, or zlib's own wrapping: the header says which.
  ccompression_gzip,
  ccompression_zstd,
} ccompression_format;

// How far a step came.
typedef enum ccompression_state {
  // All input was used, or the output is full.
  ccompression_more,
  // A member (gzip) or a frame (zstd) is complete; the next step begins another one.
  ccompression_end,
  ccompression_damaged,
  // There is too little memory.
  ccompression_no_memory,
  // The data need a window of more than 128 MiB (zstd).
  ccompression_large_window,
} ccompression_state;

typedef struct ccompression_stream ccompression_stream;

// NULL if memory is short.
ccompression_stream *ccompression_create(ccompression_format format);
void ccompression_destroy(ccompression_stream *stream);

// Decompresses. The counts hold what is there and how much room there is, and afterwards what was used and
// written.
ccompression_state ccompression_step(ccompression_stream *stream, const uint8_t *input,
                                     size_t *input_count, uint8_t *output, size_t *output_count);

// Decompresses one block of Snappy, as in Parquet; false unless it has exactly `output_count` bytes.
bool ccompression_snappy(const uint8_t *input, size_t input_count, uint8_t *output,
                         size_t output_count);
