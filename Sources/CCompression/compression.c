#include "CCompression.h"

#if !__has_include(<zlib.h>)
#error "zlib is missing: install the Debian package zlib1g-dev"
#endif
#if !__has_include(<zstd.h>)
#error "libzstd is missing: install the Debian package libzstd-dev"
#endif
#if !__has_include(<snappy-c.h>)
#error "libsnappy is missing: install the Debian package libsnappy-dev"
#endif
#include <limits.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

struct ccompression_stream {
  ccompression_format format;
  z_stream gzip;
  ZSTD_DStream *zstd;
};

ccompression_stream *ccompression_create(ccompression_format format) {
  ccompression_stream *stream = calloc(1, sizeof *stream);
  if (stream == NULL) return NULL;
  stream->format = format;
  bool is_ready;
  if (format == ccompression_gzip) {
    // 32: a header of gzip or of zlib.
    is_ready = inflateInit2(&stream->gzip, 32 + MAX_WBITS) == Z_OK;
  } else {
    stream->zstd = ZSTD_createDStream();
    is_ready = stream->zstd != NULL && !ZSTD_isError(ZSTD_initDStream(stream->zstd));
  }
  if (is_ready) return stream;
  ccompression_destroy(stream);
  return NULL;
}

void ccompression_destroy(ccompression_stream *stream) {
  if (stream->format == ccompression_gzip) inflateEnd(&stream->gzip);
  ZSTD_freeDStream(stream->zstd);
  free(stream);
}

static ccompression_state step_gzip(z_stream *gzip, const uint8_t *input, size_t *input_count,
                                    uint8_t *output, size_t *output_count) {
  uInt available = *input_count > UINT_MAX ? UINT_MAX : (uInt)*input_count;
  uInt room = *output_count > UINT_MAX ? UINT_MAX : (uInt)*output_count;
  gzip->next_in = (Bytef *)input;
  gzip->avail_in = available;
  gzip->next_out = output;
  gzip->avail_out = room;
  int result = inflate(gzip, Z_NO_FLUSH);
  *input_count = available - gzip->avail_in;
  *output_count = room - gzip->avail_out;
  switch (result) {
  case Z_OK:
  case Z_BUF_ERROR:
    return ccompression_more;
  case Z_STREAM_END:
    return inflateReset(gzip) == Z_OK ? ccompression_end : ccompression_damaged;
  case Z_MEM_ERROR:
    return ccompression_no_memory;
  default:
    return ccompression_damaged;
  }
}

static ccompression_state step_zstd(ZSTD_DStream *zstd, const uint8_t *input, size_t *input_count,
                                    uint8_t *output, size_t *output_count) {
  ZSTD_inBuffer in = {input, *input_count, 0};
  ZSTD_outBuffer out = {output, *output_count, 0};
  size_t result = ZSTD_decompressStream(zstd, &out, &in);
  *input_count = in.pos;
  *output_count = out.pos;
  if (!ZSTD_isError(result)) return result == 0 ? ccompression_end : ccompression_more;
  switch (ZSTD_getErrorCode(result)) {
  case ZSTD_error_memory_allocation:
    return ccompression_no_memory;
  case ZSTD_error_frameParameter_windowTooLarge:
    return ccompression_large_window;
  default:
    return ccompression_damaged;
  }
}

ccompression_state ccompression_step(ccompression_stream *stream, const uint8_t *input,
                                     size_t *input_count, uint8_t *output, size_t *output_count) {
  return stream->format == ccompression_gzip
             ? step_gzip(&stream->gzip, input, input_count, output, output_count)
             : step_zstd(stream->zstd, input, input_count, output, output_count);
}

bool ccompression_snappy(const uint8_t *input, size_t input_count, uint8_t *output,
                         size_t output_count) {
  size_t length;
  const char *data = (const char *)input;
  if (snappy_uncompressed_length(data, input_count, &length) != SNAPPY_OK) return false;
  if (length != output_count) return false;
  return snappy_uncompress(data, input_count, (char *)output, &length) == SNAPPY_OK &&
         length == output_count;
}
