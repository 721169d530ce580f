#!/usr/bin/env bash
# From a fresh Debian 12 to a trained, watched and compared CartPole agent: sets up, builds, trains a DQN and the simpler
# policies, shows the DQN balancing the pole, and prints a table that compares them all.
#
#   scripts/quickstart.sh
#   LUDUS_JOBS=4                 number of parallel compile jobs (default: the number of cores)
#
# The runs, the video and the table go to build/quickstart, which is emptied first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/phases.sh

jobs=${LUDUS_JOBS:-$(nproc)}
out=build/quickstart
ludus=build/release/bin/ludus

# only the program: the tests are built by scripts/test.sh
build() { cmake --build --preset release --parallel "$jobs" --target ludus; }

# Fixed seeds: every machine of the same kind gives the same results.
train() { "$ludus" train "$1" --env "$2" --seed 1 --run "$out/$1"; }

# A video always, and a window on a terminal with a display.
watch() {
  "$ludus" play "$out/dqn" --episodes 1 --record "$out/balance.mp4"
  ffmpeg -nostdin -loglevel error -y -ss 2 -i "$out/balance.mp4" -frames:v 1 "$out/balance.png"
  if [ -t 0 ] && [ -t 1 ] && [ -n "${DISPLAY:-}" ]; then
    "$ludus" play "$out/dqn" --episodes 1
  fi
}

# Every policy is evaluated on the same 100 episodes.
compare() {
  local policies=(random lean balance "$out/random_search" "$out/imitation" "$out/q_learning" "$out/dqn")
  "$ludus" compare "${policies[@]}" --env CartPole-v0 --episodes 100 --seed 0 --format markdown > "$out/table.md"
  cat "$out/table.md"
}

phase "set up" bash scripts/setup.sh
phase "configure" cmake --preset release
phase "build" build
rm -rf "$out"
mkdir -p "$out"
phase "train dqn in CartPole-v1" train dqn CartPole-v1
phase "watch it balance" watch
for policy in random_search imitation q_learning; do
  phase "train $policy in CartPole-v0" train "$policy" CartPole-v0
done
phase "compare" compare
show_phases
printf '\nThe video: %s\nThe table: %s\nWatch it in a window: %s play %s\n' \
  "$out/balance.mp4" "$out/table.md" "$ludus" "$out/dqn"
