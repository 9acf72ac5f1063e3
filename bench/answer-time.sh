#!/usr/bin/env bash
# Milliseconds that a model takes to answer on one core: picture file in, detections out, the median over the given pictures.
#   bench/answer-time.sh blood-cells ../shared/data/bccd/images/*.jpg
set -euo pipefail
model=$1
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
times=$(mktemp)
trap 'rm -f "$times"' EXIT

# A picture a process would time the loading; so each run detects the same picture ten times and the nine later ones count.
for picture in "$@"; do
    for count in 1 10; do
        repeated=()
        for ((i = 0; i < count; i++)); do repeated+=("$picture"); done
        taskset -c 0 "$here/serve" detect "${repeated[@]}" --model "$model" --device cpu --json "$times.json" >/dev/null
        grep -oE '"total": [0-9.]+' "$times.json" | grep -oE '[0-9.]+' >>"$times.$count"
    done
done
paste "$times.1" "$times.10" | awk '{ printf "%.1f\n", ($2 - $1) / 9 }' | sort -n |
    awk '{ t[NR] = $1 } END { printf "median %.1f ms, slowest %.1f ms, %d pictures, 1 core\n", t[int((NR + 1) / 2)], t[NR], NR }'
rm -f "$times".*
