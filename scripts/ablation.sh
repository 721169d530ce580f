#!/usr/bin/env bash
# The contribution of each of Rainbow's six parts: Rainbow, Rainbow without each, and DQN without any, all else equal.
# Writes a table into the pages of results. After Hessel et al. 2018, figure 3.
#
#   scripts/ablation.sh [ENV [SEEDS]]      default LunarLander-v3, seeds 0..4; LUDUS names the program (default the release
#                                          build's), LUDUS_RUNS the folder of the runs (default runs/ablation)
#
# Existing runs are resumed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
env=${1:-LunarLander-v3} seeds=${2:-0..4}
ludus=${LUDUS:-build/release/bin/ludus} runs=${LUDUS_RUNS:-runs/ablation}
page=docs/results/rainbow_ablation.md

# name and settings; without noisy layers ε explores, as in DQN
variants=(
  "Rainbow|"
  "without double estimates|double_q=false"
  "without two streams|dueling=false"
  "without priorities|prioritized=false"
  "without several steps|n_steps=1"
  "without noisy layers|noisy=false"
  "without a distribution|distribution=none"
  "DQN: without all six|double_q=false dueling=false prioritized=false n_steps=1 noisy=false distribution=none"
)

# table_row NAME: reads the JSON of `ludus bench learn`, prints "| NAME | last policy | best policy |".
table_row() {
  python3 -c '
import json, sys
result = json.load(sys.stdin)
cells = ["{:.2f} [{:.2f}, {:.2f}]".format(result[p]["iqm"], *result[p]["iqm_ci"]) for p in ("last", "best")]
print("|", " | ".join([sys.argv[1], *cells]), "|")' "$1"
}

mkdir -p "$runs/$env"
rows=
for variant in "${variants[@]}"; do
  name=${variant%%|*} settings=()
  for setting in ${variant#*|}; do settings+=(--set "$setting"); done
  folder=$runs/$env/${name//[ :]/_}
  printf '%s: %s\n' "$env" "$name" >&2
  rows+=$("$ludus" bench learn --algo rainbow --env "$env" --seeds "$seeds" "${settings[@]}" --run "$folder" \
    --output "$folder.md" --json | table_row "$name")$'\n'
done

cat >"$page" <<EOF
# What Rainbow's parts are worth

\`scripts/ablation.sh $env $seeds\`: the preset of \`rainbow\` for $env, one part switched off at a time, seeds $seeds. Each policy played
for 100 fresh episodes, whose mean is the seed's score; interquartile means of the scores with their 95 % intervals over seeds.

| | last policy | best policy by periodic evaluation |
| --- | ---: | ---: |
$rows
EOF
printf 'the table is in %s\n' "$page"
