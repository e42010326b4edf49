#!/usr/bin/env bash
# Injects faults into the built commands: signals at random moments, failing system calls, full disks,
# damaged checkpoints. Prints a table of what happened and exits 1 on any surprise: a crash, a hang, a
# message of more than a line, a doubled or lost record, a result that differs from the undisturbed one.
#
#   Tests/Faults/faults.sh [ROUNDS [SEED [PART…]]]
#
# ROUNDS is how often each fault is tried (10 by default; 200 takes some hours on two cores). The parts are signals,
# calls, disks and checkpoints; all of them by default. Takes the newer of the release and the debug build. Without
# strace, or where it may not trace, failing system calls are left out.
set -uo pipefail
cd "$(dirname "$0")/../.."

rounds=${1:-10}
seed=${2:-$$}
RANDOM=$seed
parts=("${@:3}")
[ ${#parts[@]} -gt 0 ] || parts=(signals calls disks checkpoints)
for part in "${parts[@]}"; do
  case $part in
    signals | calls | disks | checkpoints) ;;
    *) echo "faults: $part is no part; expected signals, calls, disks or checkpoints" >&2; exit 64 ;;
  esac
done
bin=$PWD/.build/release
[ -x "$bin/train" ] && [ ! .build/debug/train -nt "$bin/train" ] || bin=$PWD/.build/debug
work=$(mktemp -d)
# A process in the background that a signal meets before it has begun still has the trap.
clean_up() {
  [ $BASHPID = $$ ] || return
  mountpoint -q "$work/small" && umount "$work/small"
  rm -rf "$work"
}
trap clean_up EXIT
surprises=0

for command in train caption evaluate pseudocaption; do
  [ -x "$bin/$command" ] || { echo "faults: $bin/$command is not there; run swift build" >&2; exit 1; }
done
can_trace=0
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then can_trace=1; fi

surprise() {
  surprises=$((surprises + 1))
  echo "SURPRISE: $*" >&2
}

# A run of about two seconds, with validations, samples and checkpoints in it.
settings=(--config Configs/quickstart.yaml --threads 2
  --set synthesized_music.clip_count=48 --set training.epochs=4 --set training.batch_size=8
  --set training.calibration_clips=8 --set training.validate_every_steps=6
  --set training.checkpoint_every_steps=4 --set training.log_every_steps=1
  --set data.validation_limit=4 --set training.sample_captions=1 --set synthesized_music.captions_per_clip=2)
if [[ $bin == */debug ]]; then
  settings+=(--set synthesized_music.clip_count=24 --set audio.clip_seconds=2 --set synthesized_music.clip_seconds=2
    --set model.encoder_layers=1 --set model.decoder_layers=1)
fi

train() { timeout --kill-after=5 300 "$bin/train" "${settings[@]}" --output "$1" "${@:2}"; }

# What must be equal in every finished run.
fingerprint() {
  (cd "$1" && cat model/model.safetensors model/tokenizer.json best/model.safetensors samples.jsonl) 2>/dev/null | sha256sum
}

# The steps in metrics.jsonl: each once and in order, but that a validation has a line of its own.
steps() { grep -v validation_loss "$1/metrics.jsonl" | sed -E 's/^\{"step": ?([0-9]+).*/\1/'; }

check_finished() {  # what, folder
  [ "$(fingerprint "$2")" = "$reference" ] || surprise "$1: the result differs from the undisturbed run's"
  [ "$(steps "$2")" = "$reference_steps" ] || surprise "$1: metrics.jsonl lacks steps, or has some twice"
  local left
  left=$(find "$2" -name '*.tmp-*' | head -1)
  [ -z "$left" ] || surprise "$1: a temporary file is left: ${left##*/}"
}

# Ends a run that was disturbed.
finish() {  # what, folder
  local code=0
  train "$2" --resume >"$work/out" 2>"$work/messages" || code=$?
  if [ $code != 0 ]; then surprise "$1: --resume ended with $code: $(tail -1 "$work/messages")"; else check_finished "$1" "$2"; fi
}

# Exit codes of our own; those of a shell for a signal are none.
is_stated() { case $1 in 0 | 1 | 64 | 65 | 66 | 74 | 130) return 0 ;; *) return 1 ;; esac; }

declare -A counts
note() { counts["$1|$2"]=$((${counts["$1|$2"]:-0} + 1)); }

sleep_up_to() {  # milliseconds; a few more, in which the command begins
  sleep "$(awk "BEGIN { print (20 + $RANDOM % $1) / 1000 }")"
}

train "$work/reference" >"$work/out" 2>"$work/messages" ||
  { echo "faults: the undisturbed run fails: $(tail -1 "$work/messages")" >&2; exit 1; }
reference=$(fingerprint "$work/reference")
reference_steps=$(steps "$work/reference")
begun=$(date +%s%N)
train "$work/timed" >/dev/null 2>&1
duration=$((($(date +%s%N) - begun) / 1000000))

sounds=("$work"/reference/clips/*.wav)
captioning=("$bin/caption" "${sounds[@]}" --model "$work/reference/model" --format jsonl --threads 2 --batch-size 1)
"${captioning[@]}" >"$work/captions" 2>/dev/null

# --- signals ---
signals() {
  for signal in KILL INT TERM; do
    for _ in $(seq "$rounds"); do
      folder=$work/run
      rm -rf "$folder"
      "$bin/train" "${settings[@]}" --output "$folder" >"$work/out" 2>"$work/messages" &
      process=$!
      sleep_up_to "$duration"
      kill -s $signal $process 2>/dev/null
      (sleep 60; kill -s KILL $process 2>/dev/null) & watch=$!
      wait $process 2>/dev/null
      code=$?
      kill $watch 2>/dev/null; wait $watch 2>/dev/null
      what="train, SIG$signal"
      note "$what" "$code"
      case $signal-$code in
        KILL-137 | *-0 | INT-130 | TERM-130) ;;
        # Before the program has begun to listen.
        TERM-143) [ -e "$folder/config.yaml" ] && surprise "$what: ended with $code" ;;
        *) surprise "$what: ended with $code: $(tail -1 "$work/messages")" ;;
      esac
      finish "$what" "$folder"
    done
  done

  for signal in INT TERM KILL; do
    for _ in $(seq "$rounds"); do
      "${captioning[@]}" --output "$work/some.jsonl" >"$work/out" 2>"$work/messages" &
      process=$!
      sleep_up_to 400
      kill -s $signal $process 2>/dev/null
      wait $process 2>/dev/null
      code=$?
      what="caption, SIG$signal"
      note "$what" "$code"
      case $signal-$code in
        KILL-137 | *-0 | INT-130 | TERM-130) ;;
        TERM-143) ;;  # before the program has begun to listen
        *) surprise "$what: ended with $code" ;;
      esac
      if [ -e "$work/some.jsonl" ]; then
        cmp -s "$work/some.jsonl" <(head -c "$(stat -c %s "$work/some.jsonl")" "$work/captions") ||
          surprise "$what: the captions are no beginning of the undisturbed ones"
        [ -z "$(tail -c 1 "$work/some.jsonl")" ] || surprise "$what: half a line"
      fi
      [ $signal = KILL ] || [ -z "$(find "$work" -maxdepth 1 -name '*.tmp-*')" ] || surprise "$what: a temporary file is left"
      rm -f "$work"/some.jsonl*
    done
  done
}

# --- failing system calls ---
# How often the busiest thread makes each system call: `loaded` of them while the loader of programs is at work, which
# says itself what fails there, and `made` in all. strace counts the calls of each thread by itself.
declare -A loaded made
count_calls() {  # name of the command, the command
  local call name=$1
  shift
  strace -f -qq -o "$work/loading" -e trace="$traced" "$bin/$name" --version >/dev/null
  strace -f -qq -o "$work/calls" -e trace="$traced" "$@" >/dev/null 2>&1 || surprise "$name: fails while it is traced"
  for call in ${traced//,/ }; do
    loaded[$name $call]=$(grep -c "^[0-9]* *$call(" "$work/loading")
    [ $call != write ] || loaded[$name $call]=0  # that of the version
    made[$name $call]=$(awk -v call="$call(" -v loaded="${loaded[$name $call]}" '
      NR == 1 { main = $1 }
      index($2, call) == 1 && ($1 == main || !loaded) && ++count[$1] > most { most = count[$1] }
      END { print most + 0 }' "$work/calls")
  done
}

# Has one of the command's own system calls fail, whichever.
inject() {  # name of the command, system call, error, the command
  local name=$1 call=$2 error=$3 code=0 own number
  shift 3
  ended=none
  what="$name, $call fails ($error)"
  own=$((${made[$name $call]} - ${loaded[$name $call]}))
  if [ $own -le 0 ]; then note "$what" "never called"; return; fi
  number=$((loaded[$name $call] + RANDOM % own + 1))
  place="$what, call $number"
  timeout --kill-after=5 120 strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:error=$error:when=$number" "$@" \
    >"$work/out" 2>"$work/messages" || code=$?
  # What the loader of programs says before ours begins.
  if [ $code = 127 ] || grep -q 'error while loading shared libraries' "$work/messages"; then code=loader; fi
  note "$what" "$code"
  ended=$code
  if [ "$code" != loader ]; then
    is_stated $code || surprise "$place: ended with $code: $(tail -1 "$work/messages" | cut -c1-200)"
    [ $code = 0 ] || [ "$(grep -c '^error: ' "$work/messages")" -le 12 ] || surprise "$place: many messages"
    [ -z "$(awk 'length > 1000' "$work/messages")" ] || surprise "$place: a line of over 1,000 characters"
  fi
}

# What a command left that was disturbed, in some.jsonl.
check_output() {  # the undisturbed output
  [ $ended != none ] || return
  [ "$ended" != 0 ] || cmp -s "$work/some.jsonl" "$1" || surprise "$place: another output"
  # Without memory or threads, nothing is removed; the next start does.
  grep -qE '^error: (out of memory|a thread can)' "$work/messages" || [ -z "$(find "$work" -maxdepth 1 -name 'some*.tmp-*')" ] ||
    surprise "$place: a temporary file is left"
  rm -f "$work"/some.jsonl*
}

faults=("write ENOSPC" "write EIO" "openat EMFILE" "openat EACCES" "rename ENOSPC" "renameat2 ENOSPC" "fsync EIO"
  "mmap ENOMEM" "close EIO" "clone3 EAGAIN" "read EIO" "ftruncate EIO")
traced=write,openat,rename,renameat2,fsync,mmap,close,clone3,read,ftruncate
calls() {
  if [ $can_trace = 0 ]; then
    echo "faults: strace can't trace here: failing system calls are left out" >&2
    return
  fi
  for number in $(seq 40); do
    echo '{"id": '"$number"', "tag": ["waltz", "harp"], "prediction": "a slow waltz", "references": ["slow waltz '"$number"' for the harp"]}'
  done >"$work/rows.jsonl"
  local two=("$bin/caption" "${sounds[@]:0:2}" --model "$work/reference/model" --format jsonl --threads 2)
  local scoring=("$bin/evaluate" "$work/rows.jsonl") writing=("$bin/pseudocaption" --input "$work/rows.jsonl" --baseline template)
  count_calls train "$bin/train" "${settings[@]}" --output "$work/traced"
  count_calls caption "${two[@]}" --output "$work/two"
  count_calls evaluate "${scoring[@]}" --output "$work/scores"
  count_calls pseudocaption "${writing[@]}" --output "$work/sentences"
  for fault in "${faults[@]}"; do
    read -r call error <<<"$fault"
    for _ in $(seq "$rounds"); do
      folder=$work/run
      rm -rf "$folder"
      inject train "$call" "$error" "$bin/train" "${settings[@]}" --output "$folder"
      [ $ended = none ] || finish "$place" "$folder"
      inject caption "$call" "$error" "${two[@]}" --output "$work/some.jsonl"
      check_output "$work/two"
      inject evaluate "$call" "$error" "${scoring[@]}" --output "$work/some.jsonl"
      check_output "$work/scores"
      inject pseudocaption "$call" "$error" "${writing[@]}" --output "$work/some.jsonl"
      check_output "$work/sentences"
    done
  done
}

# --- a disk without room ---
disks() {
  mkdir -p "$work/small"
  if ! mount -t tmpfs -o size=1m tmpfs "$work/small" 2>/dev/null; then
    echo "faults: no tmpfs can be mounted here: full disks are left out" >&2
    return
  fi
  for size in 1 2 3 4 6; do
    umount "$work/small"
    mount -t tmpfs -o size=${size}m tmpfs "$work/small"
    code=0
    train "$work/small/run" >"$work/out" 2>"$work/messages" || code=$?
    note "train, disk of $size MB" $code
    [ $code = 74 ] || [ $code = 0 ] || surprise "train, disk of $size MB: ended with $code: $(tail -1 "$work/messages")"
    mount -o remount,size=64m "$work/small"
    finish "train, disk of $size MB" "$work/small/run"
  done
  umount "$work/small"
}

# --- damaged checkpoints ---
checkpoints() {
  # Ends where the undisturbed run validates too, so that resuming either of its checkpoints gives the same samples.
  train "$work/half" --set training.maximum_steps=12 >/dev/null 2>&1
  for _ in $(seq "$rounds"); do
    folder=$work/run
    rm -rf "$folder"
    cp -r "$work/half" "$folder"
    files=("$folder"/checkpoints/*/*)
    file=${files[RANDOM % ${#files[@]}]}
    size=$(stat -c %s "$file")
    if [ $((RANDOM % 2)) = 0 ]; then
      what="checkpoint cut short"
      truncate -s $(((RANDOM * 32768 + RANDOM) % size)) "$file"
    else
      what="checkpoint with another byte"
      place=$(((RANDOM * 32768 + RANDOM) % size))
      byte=$(od -An -tu1 -j $place -N 1 "$file")
      printf "$(printf '\\x%02x' $(((byte + 1 + RANDOM % 255) % 256)))" | dd of="$file" bs=1 seek=$place conv=notrunc status=none
    fi
    code=0
    train "$folder" --resume >"$work/out" 2>"$work/messages" || code=$?
    note "$what" $code
    case $code in
      0) check_finished "$what (${file#"$folder"/})" "$folder" ;;
      65) ;;
      *) surprise "$what (${file#"$folder"/}): ended with $code: $(tail -1 "$work/messages")" ;;
    esac
  done
}

for part in "${parts[@]}"; do "$part"; done

echo "seed $seed, $rounds rounds; exit codes and how often:"
for key in "${!counts[@]}"; do printf '%s|%s\n' "$key" "${counts[$key]}"; done | sort |
  awk -F'|' '{ if ($1 != last) printf "%s%-48s", (NR > 1 ? "\n" : ""), $1; printf "  %s: %s", $2, $3; last = $1 } END { print "" }'
echo "surprises: $surprises"
[ $surprises = 0 ]
