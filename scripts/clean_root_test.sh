#!/usr/bin/env bash
# Tests the instructions of the README on a bare Debian 12: makes a root with debootstrap, puts a fresh clone of the last
# commit into it, and runs a script of this folder there with an empty environment, timing each part. A tool for developers;
# needs root, the package debootstrap, and a network.
#
#   scripts/clean_root_test.sh [--root DIR] [--fresh] [--ref COMMIT] [SCRIPT [ARGUMENT…]]
#
#   --root DIR     folder of the root (default /tmp/cleanroot/root); it is kept, so a second run skips debootstrap
#   --fresh        delete the root first: only then is setup.sh tested from nothing
#   --ref COMMIT   the commit to clone (default HEAD)
#   SCRIPT         default scripts/test.sh
#
# LUDUS_DATA_DIR, if set, is copied into the root as well. LUDUS_DEBIAN_MIRROR names a mirror.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf 'clean root: %s\n' "$*" >&2; }
fail() { say "$*"; exit 2; }

root=/tmp/cleanroot/root fresh=false ref=HEAD
while [ $# -gt 0 ]; do
  case $1 in
    --root) root=$2; shift 2 ;;
    --fresh) fresh=true; shift ;;
    --ref) ref=$2; shift 2 ;;
    --*) fail "unknown option \"$1\"; the options are --root, --fresh and --ref" ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || set -- scripts/test.sh
[ "$(id -u)" -eq 0 ] || fail "chroot and debootstrap need root"
command -v debootstrap >/dev/null || fail "debootstrap is missing; install it: apt-get install debootstrap"
case $root in
  /?*/?*) ;;
  *) fail "--root must be an absolute path at least two folders deep, and is \"$root\"" ;;
esac

unmount() {
  local mounted
  for mounted in dev/shm proc; do
    if mountpoint -q "$root/$mounted"; then umount "$root/$mounted"; fi
  done
}
trap unmount EXIT

if $fresh; then
  unmount
  rm -rf --one-file-system "$root"
fi
start=$SECONDS
if [ ! -e "$root/etc/debian_version" ]; then
  mkdir -p "$root"
  debootstrap --variant=minbase bookworm "$root" "${LUDUS_DEBIAN_MIRROR:-http://deb.debian.org/debian}" >&2
  say "debootstrap: $((SECONDS - start)) s"
fi

# name resolution, /proc and shared memory as on any machine; debootstrap has made the few devices
cp --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mountpoint -q "$root/dev/shm" || mount -t tmpfs tmpfs "$root/dev/shm"

# a clone, without uncommitted files
rm -rf "$root/root/ludus" "$root/root/data"
git clone -q --no-hardlinks "$source_dir" "$root/root/ludus"
git -C "$root/root/ludus" checkout -q "$(git -C "$source_dir" rev-parse "$ref")"
bare=(env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8)
if [ -n "${LUDUS_DATA_DIR:-}" ]; then
  cp -r "$LUDUS_DATA_DIR" "$root/root/data"
  bare+=(LUDUS_DATA_DIR=/root/data)
fi
say "runs $* at $(git -C "$source_dir" rev-parse --short "$ref") on $(nproc) cores"

start=$SECONDS
status=0
# from another folder and without a terminal or input, as a stranger's tools would do it
chroot "$root" "${bare[@]}" bash -c 'cd / && exec bash "/root/ludus/$@"' run "$@" </dev/null || status=$?
say "$1: exit code $status after $((SECONDS - start)) s"
exit "$status"
