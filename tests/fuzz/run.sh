#!/usr/bin/env bash
# Builds the fuzz targets and lets each work for a while on its seeds, one after the other. Needs clang.
#
#   bash tests/fuzz/run.sh                      ten seconds each
#   bash tests/fuzz/run.sh 600 image_check      ten minutes of one
#
# What a target finds lies in build/fuzz/found/<target>/: run the target with that file to see it again. Inputs that were
# worth keeping lie in build/fuzz/corpus/<target>/ and are used the next time.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-10}
shift || true
wanted=("$@")
[ ${#wanted[@]} -gt 0 ] || for seeds in tests/fuzz/seeds/*/; do wanted+=("$(basename "$seeds")"); done

command -v clang++ >/dev/null || { echo "no clang++: the fuzz targets are not run" >&2; exit 0; }
cmake --preset fuzz >/dev/null
cmake --build build/fuzz --parallel "$(nproc)" --target "${wanted[@]/#/fuzz_}" | tail -n 1
for name in "${wanted[@]}"; do
  corpus=build/fuzz/corpus/$name found=build/fuzz/found/$name
  mkdir -p "$corpus" "$found"
  echo "== fuzz_$name, $seconds s"
  "build/fuzz/bin/fuzz_$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -artifact_prefix="$found/" \
    -verbosity=0 -print_final_stats=1 "$corpus" "tests/fuzz/seeds/$name" 2>"$found/log" || { tail -n 40 "$found/log"; exit 1; }
  grep -E "number_of_executed_units|peak_rss_mb" "$found/log" || true
done
