"""The sizes of the measured work. Sources/benchmarks/Workload.swift has the same."""

VOCABULARY = 50_265
WIDTH = 768
MELS = 128
FRAMES = 1_001  # ten seconds
POSITIONS = 32  # what the convolutions make of them
STRIDES = (1, 2, 2, 2, 2, 2)

# Of a training step; scaling.py varies them, and the width.
CLIPS = 8
TOKENS = 64
# Captions as they come: 20 to 110 tokens, 507 in all; padded to the longest they are 880.
CAPTION_LENGTHS = (66, 20, 93, 47, 110, 34, 58, 79)

BEAMS = 5
DECODED_TOKENS = 128  # the start token included, no end before
SONG_CHUNKS = 18  # three minutes

SAMPLE_RATE = 16_000
CLIP_SAMPLES = 10 * SAMPLE_RATE
LEXICON_WORDS = 100_000
TEXT_WORDS = 200_000
