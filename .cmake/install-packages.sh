#!/usr/bin/env bash
# Installs the Debian packages that are missing, with sudo where that is needed.
#
#   install-packages.sh build    to build the program
#   install-packages.sh tests    to build and run the tests too
#   install-packages.sh render   to render and encode: Blender, ffmpeg
set -euo pipefail

build=(g++ cmake ninja-build pkg-config git liblmdb-dev libzstd-dev zlib1g-dev libboost-dev nlohmann-json3-dev
       libspdlog-dev libfmt-dev libtomlplusplus-dev libcli11-dev libcurl4-openssl-dev)
# BLAKE3: the library where the distribution has it, else its C sources.
if apt-cache show libblake3-dev >/dev/null 2>&1; then build+=(libblake3-dev); else build+=(librust-blake3-dev); fi
tests=(libgtest-dev libgmock-dev python3 git-lfs mercurial bindfs faketime)
render=(blender ffmpeg)

case "${1:-build}" in
  build) wanted=("${build[@]}") ;;
  tests) wanted=("${build[@]}" "${tests[@]}") ;;
  render) wanted=("${build[@]}" "${render[@]}") ;;
  *) echo "usage: install-packages.sh build|tests|render" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
  echo "This is not Debian: please install the like of: ${wanted[*]}" >&2
  exit 0
fi
missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "== installing: ${missing[*]}"
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
