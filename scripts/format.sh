#!/usr/bin/env bash
# The layout of the sources, as .clang-format says, and lines of at most 120 characters, comments included.
#
#   scripts/format.sh           rewrite the files that differ, and name longer lines, which only comments can have
#   scripts/format.sh --check   only name files and lines; exit code 1 if there are any
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mapfile -t files < <(git ls-files '*.h' '*.cpp')
status=0
case ${1:-} in
  '') clang-format -i "${files[@]}" ;;
  --check) clang-format --dry-run -Werror "${files[@]}" || status=1 ;;
  *) echo "format: unknown option \"$1\"; there is --check, or nothing at all" >&2; exit 2 ;;
esac

# clang-format leaves comments as they are (ReflowComments: false); characters are counted, not bytes
if LC_ALL=C.UTF-8 grep -nHE '.{121}' "${files[@]}" >&2; then
  echo "format: the lines above are longer than 120 characters; break them" >&2
  status=1
fi
exit "$status"
