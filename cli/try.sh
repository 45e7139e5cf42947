#!/usr/bin/env bash
# The main job on a fresh Debian 12 machine, from nothing to a rendered and encoded shot:
#
#   bash cli/try.sh               with a sample production of its own
#   bash cli/try.sh FILE.blend    with your own file; it is only read. Its first three frames are rendered
#
# Installs what is needed, builds the program (build/release/bin/souschef), banks the shot, changes the original,
# renders the banked one, encodes it, and says where everything is. A second run is fast.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
own=${1:-}
if [ -n "$own" ]; then
  [ -f "$own" ] || { echo "there is no file $own" >&2; exit 2; }
  own=$(cd "$(dirname "$own")" && pwd)/$(basename "$own")
fi
cd "$here"

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

bash .cmake/install-packages.sh render

say "building (build/release)"
cmake --preset release >/tmp/souschef-try-configure.log 2>&1 || { cat /tmp/souschef-try-configure.log; exit 1; }
cmake --build build/release --parallel "$(nproc)" | tail -n 1
souschef="$here/build/release/bin/souschef"

if [ -n "$own" ]; then
  production=$(dirname "$own")
  above=$production
  while [ "$above" != / ] && [ ! -d "$above/.souschef" ]; do above=$(dirname "$above"); done
  if [ -d "$above/.souschef" ]; then production=$above; fi
  shot=$own
  frames=$("$souschef" trace --json "$shot" 2>/dev/null | python3 -c '
import json, sys
scenes = json.loads(sys.stdin.readline()).get("scenes") or [{}]
first = scenes[0].get("frame_start", 1)
print("%d-%d" % (first, first + 2))' 2>/dev/null || echo 1-3)
  allow=(--allow-missing --allow-outside)
else
  production="$here/build/try/production"
  rm -rf "$here/build/try"
  mkdir -p "$production"
  say "making a sample production with Blender"
  blender -b --factory-startup --python-exit-code 1 --python cli/try_scene.py -- "$production" >/tmp/souschef-try-blender.log 2>&1 ||
    { tail -n 20 /tmp/souschef-try-blender.log; exit 1; }
  (cd "$production" && find . -type f | sort)
  shot="$production/shots/sh010.blend"
  frames=1-8
  allow=()
fi
cd "$production"

say "souschef init"
"$souschef" init

say "souschef order $(basename "$shot") -F $frames   (banks it and puts it in the queue)"
"$souschef" order "$shot" -F "$frames" "${allow[@]}"

if [ -z "$own" ]; then
  say "the artist goes on: the texture is painted over, the library is deleted"
  printf 'not an image any more' >textures/checker.png
  rm lib/lantern.blend
  ls -l textures lib 2>/dev/null || true
fi

say "souschef render"
"$souschef" render

say "what happened"
"$souschef" list
"$souschef" snapshots
order=$("$souschef" list --json | python3 -c 'import json, sys
orders = [json.loads(line) for line in sys.stdin]
print([o["order"] for o in orders if o.get("type") == "order"][-1])')
"$souschef" show "$order"

frames_folder=$("$souschef" show "$order" --json | python3 -c 'import json, sys
print(json.loads(sys.stdin.readline()).get("output_folder") or "")')
if command -v ffmpeg >/dev/null && [ -n "$frames_folder" ] && ls "$frames_folder"/*.png >/dev/null 2>&1; then
  say "encoding the verified frames"
  "$souschef" stage "$order" preview
fi

say "what the store holds"
"$souschef" stats || true
echo
echo "Frames:  ${frames_folder:-see above}"
echo "Next:    cd $production"
echo "         $souschef help"
