#!/usr/bin/env bash
# Trains models/blood-cells on the BCCD data (365 microscope images of blood cells) and publishes it with its test metrics.
#   bench/train-blood-cells.sh ../shared/data/bccd
# An interrupted run continues with the same command. About 75 minutes on two cores.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
data=${1:-../shared/data/bccd}

# Cells have no upright side, so both flips are used. 416 x 312 pixels are what 120 ms on one core allow.
./serve train fcos-r18-gn --data "$data" --out runs/blood-cells \
    --set epochs=80 --set augmentation.width=416 --set augmentation.height=320 --set augmentation.verticalFlip=0.5
./serve export runs/blood-cells --to models/blood-cells --data "$data" --split test
