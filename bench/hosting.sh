#!/usr/bin/env bash
# What a full queue of submissions does to those who detect: latencies of /v1/detect without load, while submissions come in, and while they are evaluated, as a Markdown table.
#   bench/hosting.sh PICTURES [SUBMISSIONS [IMAGES]]        1,000 submissions of 5,000 images each without the last two
# One server with the bundled models and a workspace of its own; `serve bench` asks it at a fixed rate, arrivals at random, for what the model in MODEL=… (blood-cells) finds in PICTURES. RATE=… (5) a second.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/build/setup.sh"
pictures=$1
submissions=${2:-1000}
images=${3:-5000}
model=${MODEL:-blood-cells}
rate=${RATE:-5}
port=${PORT:-8127}
url=http://127.0.0.1:$port
need_sdk
want_jpeg_library
build Api
build Cli
dotnet build "$root/bench/Serving.Bench/Serving.Bench.csproj" -c Release -v quiet --nologo -clp:NoSummary >&2

work=$(mktemp -d)
server=
load=
trap 'kill $load $server 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
dotnet "$root/artifacts/bin/Api/release/Serve.Api.dll" --urls "$url" --models "$root/models" --workspace "$work/workspace" >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 300); do
    curl -fsS -o /dev/null "$url/health/ready" 2>/dev/null && break
    sleep 0.1
done

detect() { # NAME SECONDS: latencies of so many seconds, as a row
    "$root/serve" bench --url "$url" --pid "$server" --model "$model" --images "$pictures" --rate "$rate" --seconds "$2" --warm-up 3 --json "$work/bench.json" >/dev/null
    NAME="$1" python3 - "$work/bench.json" <<'PY'
import json, os, sys
run = json.load(open(sys.argv[1]))["runs"][0]
latency, use = run["latency"], run["use"]
print(f"| {os.environ['NAME']} | {run['requests']} | {latency['p50']:.1f} | {latency['p90']:.1f} | {latency['p99']:.1f} | {sum(run['errors'].values())} | {use['serverCores']:.1f} | {use['peakMemory'] / 2**20:.0f} |", flush=True)
PY
}

echo "| | requests | p50 ms | p90 ms | p99 ms | errors | cores of the server | memory MB |"
echo "|---|--:|--:|--:|--:|--:|--:|--:|"
detect "nothing else to do" 60
# Who submits is on other machines: here it gets what is left over.
nice -n 19 dotnet "$root/artifacts/bin/Serving.Bench/release/Serve.Serving.Bench.dll" hosting --url "$url" --submissions "$submissions" --split-images "$images" >"$work/load.txt" 2>"$work/load.log" &
load=$!
minute=0
while kill -0 "$load" 2>/dev/null; do
    minute=$((minute + 1))
    detect "minute $minute: $(tail -n 1 "$work/load.log" | sed 's/^hosting: //')" 60
done
wait "$load" || { cat "$work/load.log" >&2; exit 1; }
load=
detect "afterwards" 60
echo
cat "$work/load.txt"
