#!/usr/bin/env bash
# The released program is one file: in an empty root with nothing but libc it makes a production and banks a folder.
#
#   bash tests/one_file.sh build/release/bin/souschef
#
# Needs to be root, or a kernel that lets anybody make a user namespace; skips, saying so, where neither holds.
set -euo pipefail
program=$(realpath "$1")

echo "== one file: what it is linked to"
ldd "$program"
# libc and its parts, the loader, the kernel's page; and the C++ runtime is not among them.
extra=$(ldd "$program" | grep -vE 'linux-vdso|/ld-linux|libc\.so|libm\.so|libdl\.so|libpthread\.so|librt\.so|libresolv\.so' || true)
[ -z "$extra" ] || { echo "it needs more than libc:"; echo "$extra"; exit 1; }

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/bin" "$root/tmp" "$root/home" "$root/prod/shots"
cp "$program" "$root/bin/souschef"
ldd "$program" | grep -oE '/[^ ]+' | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done
head -c 100000 /dev/urandom >"$root/prod/shots/plate.exr"

if [ "$(id -u)" = 0 ]; then
  inside=(chroot "$root" /bin/souschef)
elif unshare --user --map-root-user true 2>/dev/null; then
  inside=(unshare --user --map-root-user chroot "$root" /bin/souschef)
else
  echo "SKIPPED: not root, and no user namespaces here"
  exit 0
fi
export HOME=/home
"${inside[@]}" version
"${inside[@]}" -C /prod init
"${inside[@]}" -C /prod snapshot .
"${inside[@]}" -C /prod check --data
"${inside[@]}" -C /prod plugin list 2>/dev/null || "${inside[@]}" -C /prod targets || true
echo "One file, an empty root: it works."
