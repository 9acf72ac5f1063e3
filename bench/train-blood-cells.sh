#!/usr/bin/env bash
# Trains models/blood-cells on the BCCD data (364 microscope images of blood cells) and publishes it with its test metrics.
#   bench/train-blood-cells.sh ../shared/data/bccd
# An interrupted run continues with the same command. An hour on two cores.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
data=${1:-../shared/data/bccd}

# Cells have no upright side, so both flips are used; all pictures have one magnification, so the scale varies little.
./serve train fcos-r18-gn --data "$data" --out runs/blood-cells \
    --set epochs=60 --set evaluateEveryEpochs=10 --set augmentation.width=416 --set augmentation.height=320 \
    --set augmentation.verticalFlip=0.5 --set augmentation.scale=0.75,1.35
./serve export runs/blood-cells --to models/blood-cells --data "$data" --split test --half --score 0.45
