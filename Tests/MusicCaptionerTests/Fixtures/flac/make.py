"""Makes 32-bit.flac: 5,000 frames of two channels at 48 kHz, with samples of 32 bits.

Needs flac 1.4 or later (Debian's package flac), and no Python packages.
"""

import math
import struct
import subprocess

samples = [
    int(2**31 * 0.4 * math.sin(frame * (channel + 1) / 40)) + frame * (channel + 3) % 1021
    for frame in range(5000)
    for channel in range(2)
]
subprocess.run(
    ["flac", "--silent", "--force", "--force-raw-format", "--endian=little", "--sign=signed",
     "--channels=2", "--bps=32", "--sample-rate=48000", "--blocksize=1024", "--no-padding",
     "-o", "32-bit.flac", "-"],
    input=struct.pack(f"<{len(samples)}i", *samples), check=True)
