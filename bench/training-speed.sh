#!/usr/bin/env bash
# Measures steps of training, how memory grows over them, and exported models beside their networks; prints a Markdown page.
#   bench/training-speed.sh > bench/results/training.md
# RECIPES=… names of recipes (fcos-r18-gn faster-rcnn-r50-fpn mask-rcnn-r50-fpn), SIDES=… (256 512), STEPS=… (10). Recipes that are not in the catalogue are left out.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/build/setup.sh"
need_sdk
need_cxx_runtime
dotnet build "$root/bench/Training.Bench/Training.Bench.csproj" -c Release -v quiet --nologo -clp:NoSummary >&2
bench() { dotnet "$root/artifacts/bin/Training.Bench/release/Serve.Training.Bench.dll" "$@"; }
recipes=${RECIPES:-fcos-r18-gn faster-rcnn-r50-fpn mask-rcnn-r50-fpn}

cat <<PAGE
# Training, measured

$(date +%F), $(nproc) cores of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), .NET $(dotnet --version), commit $(git -C "$root" rev-parse --short HEAD).
Made by \`bench/training-speed.sh\`.

## A step
Noise with eight objects an image; network, losses, gradients, optimiser and average, without loading data. Milliseconds are the median; the parts are means. What is spent outside
libtorch's operators is an estimate (calls that give a tensor, times what the cheapest costs, plus pauses of the garbage collector) and a bound (the whole step of the same
detector with few channels and one category on the same images, which still computes a little).

| recipe | images | ms | forward / backward / rest | peak MiB | calls | outside, estimate | outside, at most |
|---|---|---|---|---|---|---|---|
PAGE
for recipe in $recipes; do
    for side in ${SIDES:-256 512}; do
        bench step "$recipe" --side "$side" --steps "${STEPS:-10}"
    done
done

cat <<PAGE

## Memory over steps
Small images, where it rises most in proportion: MiB of the process after so many steps, with one thing changed at a time. Tensors alive and the managed heap in use do not grow.

| fcos-r18-gn, 2 x 96² | 6 | 23 | 50 | 100 | 200 | tensors alive | managed heap, MiB | collections |
|---|---|---|---|---|---|---|---|---|
PAGE
growth() { local label=$1; shift; (export "$@"; bench memory fcos-r18-gn --side 96 --label "$label"); }
growth "as it is" SERVE_BENCH=1
growth "MALLOC_ARENA_MAX=1" MALLOC_ARENA_MAX=1
growth "MALLOC_TRIM_THRESHOLD_=65536, MALLOC_MMAP_THRESHOLD_=65536" MALLOC_TRIM_THRESHOLD_=65536 MALLOC_MMAP_THRESHOLD_=65536
growth "ONEDNN_PRIMITIVE_CACHE_CAPACITY=0" ONEDNN_PRIMITIVE_CACHE_CAPACITY=0
growth "DOTNET_GCgen0size=1000000 (16 MiB)" DOTNET_GCgen0size=1000000
growth "both thresholds and DOTNET_GCgen0size" DOTNET_GCgen0size=1000000 MALLOC_TRIM_THRESHOLD_=65536 MALLOC_MMAP_THRESHOLD_=65536

cat <<PAGE

## The exported model beside its network
One image of the recipe's test size, end to end: pixels in, detections out; as many threads for both.

| recipe | input | TorchSharp, ms | ONNX Runtime, ms | times as fast |
|---|---|---|---|---|
PAGE
for recipe in $recipes; do
    bench export "$recipe" --rounds "${ROUNDS:-10}"
done
