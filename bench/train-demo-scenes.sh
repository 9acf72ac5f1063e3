#!/usr/bin/env bash
# Trains models/demo-scenes on the generated dataset and publishes it with its test metrics.
# An interrupted run continues with the same command. A quarter of an hour on two cores.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ -d data/demo-scenes ] || ./serve data make --out data/demo-scenes
# Half the backbone's channels: a small file that shows the path, not the best this recipe can do.
./serve train fcos-r18-gn --data data/demo-scenes --out runs/demo-scenes \
    --set epochs=36 --set evaluateEveryEpochs=12 --set detector.backbone.width=32 --set detector.neck.channels=64 \
    --set augmentation.width=416 --set augmentation.height=320 --set augmentation.scale=0.8,1.5
./serve export runs/demo-scenes --to models/demo-scenes --data data/demo-scenes --split test --half --score 0.4
