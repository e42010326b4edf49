#!/usr/bin/env bash
# Runs the tests under a sanitizer of the toolchain; exits 1 on any report.
#
#   Tests/Sanitizers/run.sh address|undefined|thread [arguments of swift test]
#
# Each builds the package anew and takes about half an hour on two cores. `undefined` looks at the C targets:
# Swift itself traps.
set -euo pipefail
cd "$(dirname "$0")/../.."

sanitizer=${1:-}
shift || true
build=$PWD/.build-$sanitizer
case $sanitizer in
  address)
    # Libraries keep memory until the process ends, and fault injection wants failing allocations.
    export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
    swift test --scratch-path "$build" --sanitize=address "$@"
    ;;
  undefined)
    # Swift's driver doesn't know it. What is undefined traps, which needs no library.
    swift test --scratch-path "$build" -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined "$@"
    ;;
  thread)
    # A copy of the package, in which every module has a mutex that the sanitizer sees.
    mkdir -p "$build"
    tree=$build/package
    rm -rf "$tree"
    mkdir "$tree"
    cp -r Package.swift Sources Tests Docs Configs README.md Scripts CONTRIBUTING.md "$tree"/
    [ ! -e Package.resolved ] || cp Package.resolved "$tree"/
    for module in Sources/MusicCaptioner Sources/Commands Tests/MusicCaptionerTests; do
      cp Tests/Sanitizers/Mutex.swift "$tree/$module/"
    done
    export MUSICCAPTIONER_ROOT=$PWD
    export TSAN_OPTIONS=halt_on_error=1:suppressions=$PWD/Tests/Sanitizers/thread-suppressions.txt
    cd "$tree"
    swift test --scratch-path "$build" --sanitize=thread "$@"
    ;;
  *)
    sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
    exit 64
    ;;
esac
