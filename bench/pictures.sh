#!/usr/bin/env bash
# Measures what a picture costs between its file and a model's input, and what shrinking large pictures while they are decoded does to average precision; prints a
# Markdown page.
#   bench/pictures.sh ../shared/images/photos ../shared/data/bccd > bench/results/pictures.md
# The second part takes some minutes for each factor of FACTORS (2,3).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/build/setup.sh"
pictures=$1
cells=$2
need_sdk
want_jpeg_library
dotnet build "$root/bench/Inference.Bench/Inference.Bench.csproj" -c Release -v quiet --nologo -clp:NoSummary >&2
bench() { dotnet "$root/artifacts/bin/Inference.Bench/release/Serve.Inference.Bench.dll" "$@"; }
scenes="$root/artifacts/demo-scenes"
[ -d "$scenes" ] || "$root/serve" data make --out "$scenes" --train 0 --val 0 >&2

cat <<PAGE
# Pictures, measured

$(date +%F), $(nproc) cores of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), .NET $(dotnet --version), commit $(git -C "$root" rev-parse --short HEAD).
Made by \`bench/pictures.sh FOLDER ../shared/data/bccd\`.

## From the file to the model's input
PAGE
bench pictures "$pictures"
cat <<PAGE

## Shrinking while decoding
Large JPEGs are decoded to a half, a quarter or an eighth of their sides where the model's filter averages over areas (antialias, area) and the picture stays 1.5 times as
large as what the model gets. Pictures of the datasets are enlarged first, as they are hardly larger than the models' inputs.

PAGE
bench shrink "$root/models/blood-cells/1" "$cells" --factors "${FACTORS:-2,3}"
echo
bench shrink "$root/models/demo-scenes/1" "$scenes" --factors "${FACTORS:-2,3}"
