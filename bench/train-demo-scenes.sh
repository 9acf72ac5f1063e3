#!/usr/bin/env bash
# Trains models/demo-scenes on the generated dataset and publishes it with its test metrics.
# An interrupted run continues with the same command.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ -d data/demo-scenes ] || ./serve data make --out data/demo-scenes
./serve train fcos-r18-gn --data data/demo-scenes --out runs/demo-scenes --set epochs=24
./serve export runs/demo-scenes --to models/demo-scenes --data data/demo-scenes --split test
