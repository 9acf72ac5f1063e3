#!/usr/bin/env bash
# Measures `serve evaluate` as whole processes and prints a Markdown page: against other evaluators, where the time goes, and how it grows to 100,000 images.
#   bench/evaluate-speed.sh [FOLDER] [--rival 'NAME=COMMAND {truth} {detections} {kind}'] > bench/results/evaluation.md
# FOLDER holds the load (gt.json, dt_bbox.json, dt_segm.json, gt_kpts.json, dt_kpts.json); without it, one of COCO val2017's size is made in artifacts/load.
# PYTHON=… names a Python; the evaluators that it has installed (pycocotools, faster-coco-eval, hotcoco) run in turn with ours. RUNS=… (5) runs of each,
# SIZES=… (1000,5000,20000,100000) images of the loads that show the growth; the largest needs 2 GB of disk.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/build/setup.sh"

# The page says how it was made, without the places of this machine: of PYTHON that it was given, of rivals their names, of the load where it comes from.
invocation="bench/evaluate-speed.sh"
for name in SIZES RUNS; do
    [ -z "${!name:-}" ] || invocation="$name=${!name} $invocation"
done
python="python3"
if [ -n "${PYTHON:-}" ]; then
    invocation="PYTHON=… $invocation"
    python="the Python given"
fi
load="$root/artifacts/load"
source="what \`dotnet run -c Release --project bench/Eval.Bench -- make\` writes"
case "${1:---}" in
    --*) ;;
    *)
        load=$1
        source="FOLDER"
        invocation+=" FOLDER"
        shift
        ;;
esac
for argument in "$@"; do
    argument=${argument#--rival=}
    [ "$argument" = --rival ] || invocation+=" --rival '${argument%%=*}=…'"
done
need_sdk
build_eval_cli
publish_program bench/Eval.Bench || stop "the benchmark cannot be built; the messages are above."
bench() { (run_program "$root/artifacts/publish/Eval.Bench/Serve.Eval.Bench" "$@"); }
measure() { bench "$@" --serve "$root/serve" --runs "${RUNS:-5}"; }

[ -f "$load/dt_kpts.json" ] || bench make "$load"

cat <<PAGE
# The evaluator, measured

$(date +%F), $(nproc) cores of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), .NET $(dotnet --version), commit $(git -C "$root" rev-parse --short HEAD).
Whole processes from start to end, files in memory; peak memory is the kernel's for the process.
Made by \`$invocation\`; the other evaluators are those that $python has installed, and those of \`--rival\`.

## Side by side
$(cd "$load" && for file in gt dt_bbox dt_segm gt_kpts dt_kpts; do [ ! -f $file.json ] || printf '%s' "${separator:-The load, $source: }$file.json $(stat -c %s $file.json | awk '{ printf "%.1f", $1 / 1e6 }') MB" && separator=", "; done).

PAGE
measure speed "$load" "$@"
echo "## Where the time goes"
echo "Milliseconds, by number of cores; the two files are read one after the other, each on all cores."
echo
measure phases "$load"
echo "## Growth"
measure growth "$root/artifacts" --sizes "${SIZES:-1000,5000,20000,100000}"
