#pragma once
// Debian: libopus-dev. If this header is not found: apt-get install libopus-dev
#if !__has_include(<opus_multistream.h>)
#error "libopus is missing: install the Debian package libopus-dev"
#endif
#include <opus_multistream.h>

// Swift can't call functions with a variable number of arguments.
static inline int set_opus_gain(OpusMSDecoder *decoder, opus_int32 gain) {
  return opus_multistream_decoder_ctl(decoder, OPUS_SET_GAIN(gain));
}

static inline int reset_opus_decoder(OpusMSDecoder *decoder) {
  return opus_multistream_decoder_ctl(decoder, OPUS_RESET_STATE);
}
