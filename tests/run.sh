#!/usr/bin/env bash
# Installs what is needed, builds, passes all tests. From a fresh clone on Debian 12:
#
#   bash tests/run.sh              build in build/dev and run every test
#   bash tests/run.sh asan         the same under a sanitizer preset (asan, tsan)
#   bash tests/run.sh dev -R Pack  pass the rest to ctest
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-dev}
shift || true

bash .cmake/install-packages.sh tests

echo "== building ($preset)"
cmake --preset "$preset" >"/tmp/souschef-configure-$$.log" 2>&1 || { cat "/tmp/souschef-configure-$$.log"; exit 1; }
sed -n '/Third parties/,/GoogleTest/p' "/tmp/souschef-configure-$$.log"
rm -f "/tmp/souschef-configure-$$.log"
cmake --build "build/$preset" --parallel "$(nproc)"

echo "== testing ($preset)"
ctest --test-dir "build/$preset" --output-on-failure --parallel "$(nproc)" "$@"

echo
echo "All tests passed. Next: bash cli/try.sh  banks and renders a sample shot."
