#!/usr/bin/env bash
# Measures the server under load beside other servers and the bare runtime, in one run, and prints a Markdown page.
#   bench/serve-speed.sh ../shared > bench/results/serving.md
# The model is yolox-nano; the pictures are the 12 photos and the first 40 of voc2012-100. Other servers run in turn with ours where their programs are there:
#   NODE_MODULES=FOLDER   holds node_modules with fastify, onnxruntime-node and sharp
#   PYTHON='COMMAND'      a Python with fastapi, uvicorn, httptools, uvloop, onnxruntime, opencv and numpy; COMMAND may be "chroot FOLDER python3" with this repository's
#                         bench/Serving/peers and the model copied to FOLDER/peer
# SECONDS_EACH=… (10) a run, ROUNDS=… (3) rounds of all programs in turn; the page gives the median round of each. REQUESTS=… (100000) of the run that looks for growth.
# The load of 80 % runs BUSY_ROUNDS=… (5) times, even and at random in turn, each with a server of its own: a 99th percentile of one run is that of the machine's slowest moment.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/build/setup.sh"
shared=$1
seconds=${SECONDS_EACH:-10}
rounds=${ROUNDS:-3}
requests=${REQUESTS:-100000}
busy_rounds=${BUSY_ROUNDS:-5}
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

# What one server does alone: at 80 % of its load, with more and more clients, a smaller model beside the plain loop, and over many requests.
serve() { # FILE ARGUMENT...
    "$root/serve" bench --images "$work/pictures" --seconds "$seconds" --warm-up 3 --models "$work/models" --json "$@" >/dev/null
}
rate=$(python3 -c 'import json, sys; print(round(0.8 * json.load(open(sys.argv[1]))["runs"][1]["imagesPerSecond"]))' "$work/serve.$rounds.json")
for round in $(seq "$busy_rounds"); do
    serve "$work/even.$round.json" --model yolox-nano --rate "$rate" --arrivals even
    serve "$work/random.$round.json" --model yolox-nano --rate "$rate"
done
serve "$work/clients.json" --model yolox-nano --clients 1,2,4,8,16,32,64
peers=()
start serve 8104 dotnet "$root/artifacts/bin/Api/release/Serve.Api.dll" --urls http://127.0.0.1:8104 --models "$work/models" --data "$work/data" --workspace "$work/workspace"
curl -fsS -o "$work/model.json" http://127.0.0.1:8104/v1/models/yolox-nano
stop_peers
small="$shared/models/ultraface-rfb-320"
mkdir -p "$work/models/ultraface-rfb-320"
cp "$small/model.onnx" "$small"/*.txt "$small"/model.json "$work/models/ultraface-rfb-320/" 2>/dev/null || true
for round in $(seq "$rounds"); do
    serve "$work/small.$round.json" --model ultraface-rfb-320 --clients 8
    bench limits "$small/model.onnx" --images "$work/pictures" --seconds 5 >"$work/small.$round.md"
done
bench queue >"$work/queue.txt"
[ "$requests" = 0 ] || "$root/serve" bench --images "$work/pictures" --seconds 36000 --warm-up 20 --models "$work/models" --json "$work/growth.json" --model yolox-nano --clients 8 --requests "$requests" >/dev/null

cat <<PAGE
# The server under load, measured

$(date +%F), $(nproc) cores of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), .NET $(dotnet --version), commit $(git -C "$root" rev-parse --short HEAD).
Made by \`bench/serve-speed.sh ../shared\`; the load comes from the same cores. yolox-nano at 416 x 416; 12 photos and 40 pictures of voc2012-100, JPEG.
$rounds rounds of all programs in turn, $seconds s each load after 3 s that do not count; of each figure the median of the rounds.

PAGE
python3 - "$work" "$rounds" "$busy_rounds" <<'PY'
import json, statistics, sys
from pathlib import Path

work, rounds, busy_rounds = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
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

def one(name):
    return json.loads((work / name).read_text())["runs"]

print("\n## At 80 % of the load of 8 clients\n")
print(f"{busy_rounds} runs of each, in turn; the medians, and of the last column each run.\n")
print("| load | p50 ms | p99 ms | 99th percentile as a multiple of the median |\n|---|--:|--:|---|")
for name in ("even", "random"):
    runs = [one(f"{name}.{round}.json")[0] for round in range(1, busy_rounds + 1)]
    latencies = [run["latency"] for run in runs]
    multiples = sorted(latency["p99"] / latency["p50"] for latency in latencies)
    load = runs[0]["load"] if name == "even" else f"{runs[0]['load']} at random"
    print(f"| {load} | " + " | ".join(f"{statistics.median(latency[key] for latency in latencies):.1f}" for key in ("p50", "p99"))
          + f" | {statistics.median(multiples):.1f} ({', '.join(f'{multiple:.1f}' for multiple in multiples)}) |")
print()
print((work / "queue.txt").read_text().strip())
print("\n## Images a second against clients, and against the size of batches\n\n| clients | images/s | p50 ms | p99 ms | memory MB |\n|--:|--:|--:|--:|--:|")
for run in one("clients.json"):
    print(f"| {run['load'].split()[0]} | {run['imagesPerSecond']:.0f} | {run['latency']['p50']:.1f} | {run['latency']['p99']:.1f} | {run['use']['memoryAtEnd'] / 1e6:.0f} |")
execution = json.loads((work / "model.json").read_text())["execution"]
print(f"\nRuns on one core, as the server measured them at load; it favours batches of {execution['favouredBatch']}.\n\n| pictures in a run | ms a run | images/s of {execution['runners']} runners |\n|--:|--:|--:|")
for size, milliseconds in execution["millisecondsPerBatch"].items():
    print(f"| {size} | {milliseconds:.1f} | {1000 * int(size) * execution['runners'] / milliseconds:.0f} |")
served = statistics.median(one(f"small.{round}.json")[0]["imagesPerSecond"] for round in range(1, rounds + 1))
cells = [[line.strip("| ").split(" | ") for line in (work / f"small.{round}.md").read_text().splitlines()[2:]] for round in range(1, rounds + 1)]
bare, loop = (statistics.median(float(cell[row][2]) for cell in cells) for row in (0, 1))
print(f"\n## A smaller model\n\nultraface-rfb-320, {2000 / bare:.1f} ms a picture and core: 8 clients get {served:.0f} images/s; the plain loop, a runner a core, does {loop:.0f}; bare runs {bare:.0f}. {served / loop:.2f} of the loop.")
if (work / "growth.json").exists():
    growth = one("growth.json")[0]
    use = growth["use"]
    print(f"\n## Growth\n\n{growth['requests']:,} requests of 8 clients after 20 s: {use['memoryAtStart'] / 1e6:.0f} MB at the start, {use['memoryAtEnd'] / 1e6:.0f} MB at the end, {sum(growth['errors'].values())} errors.")
PY
