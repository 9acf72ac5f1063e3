#!/usr/bin/env bash
# Measures the server under load beside other servers and the bare runtime, in one run, and prints a Markdown page.
#   bench/serve-speed.sh ../shared > bench/results/serving.md
# The model is yolox-nano; the pictures are the 12 photos and the first 40 of voc2012-100. Other servers run in turn with ours where their programs are there:
#   NODE_MODULES=FOLDER   holds node_modules with fastify, onnxruntime-node and sharp
#   PYTHON='COMMAND'      a Python with fastapi, uvicorn, httptools, uvloop, onnxruntime, opencv and numpy; COMMAND may be "chroot FOLDER python3" with this repository's
#                         bench/Serving/peers and the model copied to FOLDER/peer
# SECONDS_EACH=… (10) a run, ROUNDS=… (3) rounds of all programs in turn; the page gives the median round of each.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/build/setup.sh"
shared=$1
seconds=${SECONDS_EACH:-10}
rounds=${ROUNDS:-3}
need_sdk
want_jpeg_library
build Api
build Cli
dotnet build "$root/bench/Serving.Bench/Serving.Bench.csproj" -c Release -v quiet --nologo -clp:NoSummary >&2
bench() { dotnet "$root/artifacts/bin/Serving.Bench/release/Serve.Serving.Bench.dll" "$@"; }

work=$(mktemp -d)
running=()
# Peers start workers that outlive them, so each is the leader of a session that is ended as a whole.
stop_peers() {
    for pid in "${running[@]}"; do kill -- "-$pid" 2>/dev/null || true; done
    running=()
    sleep 1
}
trap 'stop_peers; rm -rf "$work"' EXIT
mkdir -p "$work/models/yolox-nano" "$work/pictures"
model="$shared/models/yolox-nano/model.onnx"
cp "$model" "$shared/models/yolox-nano/labels.txt" "$work/models/yolox-nano/"
cp "$shared"/images/photos/*.jpg "$work/pictures/"
for picture in $(ls "$shared"/data/voc2012-100/images/*.jpg | head -n 40); do cp "$picture" "$work/pictures/"; done

# start NAME PORT COMMAND...: starts a peer, waits until it answers, and remembers its process.
start() {
    local name=$1 port=$2 picture
    shift 2
    setsid "$@" >"$work/$name.log" 2>&1 &
    running+=($!)
    picture=$(ls "$work/pictures/"*.jpg | head -n 1)
    for _ in $(seq 200); do
        if curl -fsS -o /dev/null -H 'Content-Type: application/octet-stream' --data-binary "@$picture" "http://127.0.0.1:$port/v1/detect" 2>/dev/null; then
            peers+=("$name $port $!")
            return
        fi
        sleep 0.1
    done
    say "$name does not start: $(tail -n 1 "$work/$name.log")"
}

load() { # NAME FILE ARGUMENT...: one bench of every load
    local name=$1 file=$2
    shift 2
    "$root/serve" bench --images "$work/pictures" --seconds "$seconds" --warm-up 3 --clients 1,8,32 --rate 5 --json "$file" "$@" >/dev/null
    say "$name: done"
}

for round in $(seq "$rounds"); do
    load serve "$work/serve.$round.json" --model yolox-nano --models "$work/models"
    peers=()
    start naive 8103 dotnet "$root/artifacts/bin/Serving.Bench/release/Serve.Serving.Bench.dll" naive "$model" --port 8103
    [ -z "${NODE_MODULES:-}" ] || start fastify 8102 env MODEL="$model" PORT=8102 WORKERS="$(nproc)" NODE_MODULES="$NODE_MODULES" node "$root/bench/Serving/peers/fastify-peer.mjs"
    if [ -n "${PYTHON:-}" ]; then
        case $PYTHON in
            chroot*) start fastapi 8101 env MODEL=/peer/model.onnx OMP_NUM_THREADS=1 $PYTHON -m uvicorn --app-dir /peer fastapi_peer:app --workers "$(nproc)" --port 8101 --no-access-log ;;
            *) start fastapi 8101 env MODEL="$model" OMP_NUM_THREADS=1 $PYTHON -m uvicorn --app-dir "$root/bench/Serving/peers" fastapi_peer:app --workers "$(nproc)" --port 8101 --no-access-log ;;
        esac
    fi
    for peer in "${peers[@]}"; do
        read -r name port pid <<<"$peer"
        load "$name" "$work/$name.$round.json" --url "http://127.0.0.1:$port/v1/detect" --pid "$pid"
    done
    stop_peers
    bench limits "$model" --images "$work/pictures" --seconds 5 >"$work/limits.$round.md"
done

cat <<PAGE
# The server under load, measured

$(date +%F), $(nproc) cores of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), .NET $(dotnet --version), commit $(git -C "$root" rev-parse --short HEAD).
Made by \`bench/serve-speed.sh ../shared\`; the load comes from the same cores. yolox-nano at 416 x 416; 12 photos and 40 pictures of voc2012-100, JPEG.
$rounds rounds of all programs in turn, $seconds s each load after 3 s that do not count; of each figure the median of the rounds.

PAGE
python3 - "$work" "$rounds" <<'PY'
import json, statistics, sys
from pathlib import Path

work, rounds = Path(sys.argv[1]), int(sys.argv[2])
names = {"serve": "serve", "naive": "a naive minimal API", "fastify": "fastify, a process a core, onnxruntime-node, sharp", "fastapi": "FastAPI, a uvicorn worker a core, ONNX Runtime, OpenCV"}
print("| images/s, ms | 1 client | 8 clients | 32 clients | p99 at 8 | p99 at 32 | p50 at 5 requests/s | memory MB | errors |")
print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
for key, name in names.items():
    files = [work / f"{key}.{one}.json" for one in range(1, rounds + 1)]
    if not all(file.exists() for file in files):
        continue
    runs = [json.loads(file.read_text())["runs"] for file in files]
    median = lambda read: statistics.median(read(one) for one in runs)
    print(f"| {name} | " + " | ".join([
        *(f"{median(lambda one: one[load]['imagesPerSecond']):.0f}" for load in range(3)),
        *(f"{median(lambda one: one[load]['latency']['p99']):.0f}" for load in (1, 2)),
        f"{median(lambda one: one[3]['latency']['p50']):.1f}",
        f"{median(lambda one: max(load['use']['peakMemory'] or 0 for load in one)) / 1e6:.0f}",
        str(sum(sum(load['errors'].values()) for one in runs for load in one))]) + " |")
print()
rows = [[line for line in (work / f"limits.{one}.md").read_text().splitlines()] for one in range(1, rounds + 1)]
print("\n".join(rows[0][:2]))
for index in range(2, len(rows[0])):
    cells = [row[index].strip("| ").split(" | ") for row in rows]
    print(f"| {cells[0][0]} | " + " | ".join(f"{statistics.median(float(cell[column]) for cell in cells):.0f}" for column in (1, 2)) + " |")
print("\n## Where the time of serve goes\n")
print("Milliseconds a picture, mean; the last round.\n")
print("| load | decode | queue | preprocess | infer | postprocess | in all | server cores | load's cores | kB allocated |")
print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
for run in json.loads((work / f"serve.{rounds}.json").read_text())["runs"]:
    stages, use = run["stages"], run["use"]
    print(f"| {run['load']} | " + " | ".join(f"{stages[stage]:.2f}" for stage in ("decode", "queue", "preprocess", "infer", "postprocess", "total"))
          + f" | {use['serverCores']:.2f} | {use['clientCores']:.2f} | {(use['allocatedBytesPerImage'] or 0) / 1e3:.1f} |")
PY
