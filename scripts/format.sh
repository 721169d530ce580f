#!/usr/bin/env bash
# The layout of the sources, as .clang-format says.
#
#   scripts/format.sh           rewrite the files that differ
#   scripts/format.sh --check   name them instead; exit code 1 if there are any
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mapfile -t files < <(git ls-files '*.h' '*.cpp')
case ${1:-} in
  '') clang-format -i "${files[@]}" ;;
  --check) clang-format --dry-run -Werror "${files[@]}" ;;
  *) echo "format: unknown option \"$1\"; there is --check, or nothing at all" >&2; exit 2 ;;
esac
