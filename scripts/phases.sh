# Sourced by the other scripts: runs the named phases of long work one after another, and prints how long each took.
# shellcheck shell=bash

ludus_phases=()

# phase NAME COMMAND…: runs the command; if it fails, says which phase it was and ends the script with its exit code.
phase() {
  local name=$1 start=$SECONDS status=0
  shift
  printf '\n==> %s\n' "$name"
  "$@" || status=$?
  ludus_phases+=("$(printf '%5d s  %s' $((SECONDS - start)) "$name")")
  if [ "$status" -ne 0 ]; then
    show_phases
    printf 'FAILED: %s (exit code %d)\n' "$name" "$status" >&2
    exit "$status"
  fi
}

show_phases() {
  printf '\n'
  printf '%s\n' "${ludus_phases[@]}" "$(printf '%5d s  altogether' "$SECONDS")"
}
