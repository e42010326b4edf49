#!/usr/bin/env bash
# Feeds every parser with damaged input under AddressSanitizer, from small seeds, and prints how often.
#
#   [RUNS=NUMBER] Tests/Fuzz/fuzz.sh [SECONDS] [PARSER…]
#
# SECONDS is the time for each parser (60 by default); a parser that has run NUMBER times ends earlier. Inputs
# have up to 64 KB. Exits 1 if one crashed a parser, took it more than 10 seconds, or made it ask for more than
# 64 MiB at once; the input is then in Tests/Fuzz/.build/findings. Needs nothing but the Swift toolchain; with
# ffmpeg there are seeds for more formats of sound.
set -uo pipefail
cd "$(dirname "$0")"

seconds=${1:-60}
[ $# = 0 ] || shift
# What libraries keep until the process ends is no leak.
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=16
# The toolchain's usual linker fails where the fuzzer has a main function and the package has one too.
# For a short run, the time to optimize would be longer than the run; and it is to find the same each time.
configuration=release
seed=0
if [ "$seconds" -lt 10 ]; then
  configuration=debug
  seed=1
fi
flags=(-c $configuration --product fuzz -Xswiftc -enable-testing -Xswiftc -sanitize=fuzzer,address
  -Xcc -fsanitize=fuzzer-no-link,address -Xswiftc -use-ld=lld -Xlinker -z -Xlinker muldefs)
swift build "${flags[@]}" || exit 1
fuzz=$(swift build "${flags[@]}" --show-bin-path)/fuzz

corpus=$PWD/.build/corpus
findings=$PWD/.build/findings
mkdir -p "$corpus" "$findings"
fixtures=$PWD/../MusicCaptionerTests/Fixtures
seed() {  # parser, files
  mkdir -p "$corpus/$1"
  cp -f "${@:2}" "$corpus/$1" 2>/dev/null
}
for folder in Seeds/*; do seed "${folder##*/}" "$folder"/*; done
seed parquet "$fixtures"/tables/*.parquet
seed gzip "$fixtures"/tables/*.gz
seed zstd "$fixtures"/tables/joined.jsonl.zst
seed checkpoint "$fixtures"/checkpoints/*.pth
seed safetensors "$fixtures"/checkpoints/*.safetensors
seed flac "$fixtures"/flac/*.flac
seed ogg "$fixtures"/audio/*.oga
for file in "$fixtures"/checkpoints/*.pth; do
  # What torch pickles lies at the beginning of the archive, not compressed.
  mkdir -p "$corpus/pickle"
  unzip -p "$file" '*data.pkl' >"$corpus/pickle/$(basename "$file").pkl" 2>/dev/null || true
done
if command -v ffmpeg >/dev/null; then
  tone=(ffmpeg -nostdin -loglevel quiet -y -f lavfi -i "sine=frequency=440:sample_rate=16000:duration=0.3")
  make() { mkdir -p "$corpus/$1"; "${tone[@]}" "${@:3}" "$corpus/$1/$2" </dev/null; }
  make wave a.wav; make wave b.wav -c:a pcm_f32le; make wave c.wav -c:a adpcm_ms; make wave d.aiff; make wave e.au
  make wave f.w64; make wave g.caf
  make mp3 a.mp3; make mp3 b.mp3 -ar 44100 -b:a 320k; make mp3 c.mp3 -ar 8000 -write_xing 0
  make ogg a.ogg -c:a libvorbis; make ogg b.opus -ar 48000; make flac a.flac
fi
mkdir -p "$corpus/numpy" "$corpus/sound"
{ printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }"
  head -c 16 /dev/zero; } >"$corpus/numpy/a.npy"
for format in wave mp3 ogg flac numpy; do cp -f "$corpus/$format"/* "$corpus/sound" 2>/dev/null; done

parsers=("$@")
[ $# -gt 0 ] || mapfile -t parsers < <(PARSER='' "$fuzz" -runs=0 2>/dev/null)
failed=0
printf '%-24s %12s %10s  %s\n' parser runs "a second" result
for parser in "${parsers[@]}"; do
  mkdir -p "$corpus/$parser"
  log=$findings/$parser.log
  # A header of zstd reserves its window, of which only what is decompressed gets memory.
  case $parser in zstd) allocation=160 ;; *) allocation=65 ;; esac
  # No program may be started by a reader of sound.
  timeout --kill-after=5 $((seconds + 120)) env PATH=/nowhere PARSER="$parser" "$fuzz" -seed=$seed -runs="${RUNS:--1}" -max_total_time="$seconds" \
    -max_len=65536 -timeout=10 -malloc_limit_mb=$allocation -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$findings/$parser-" "$corpus/$parser" \
    >"$log" 2>&1
  code=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  speed=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
  result=ok
  if [ $code != 0 ]; then
    failed=1
    result="exit $code, see .build/findings/$parser.log"
  fi
  printf '%-24s %12s %10s  %s\n' "$parser" "${runs:-?}" "${speed:-?}" "$result"
done
exit $failed
