#!/usr/bin/env python3
"""Trains pairs of recipes on real data with the same budget and several seeds, and writes what a paper claims beside what came out.

    python3 bench/papers.py ../shared/data docs/results.md              all pairs
    python3 bench/papers.py ../shared/data docs/results.md --only cascade-rcnn,group-norm --seeds 5

Every run is a folder under runs/papers; a run that ended is not done again, one that was interrupted is continued. The page holds every pair whose runs are all there.
Differences are of pairs of runs with one seed; their interval is Student's, 95 %. Each pair below is the acceptance experiment of a system, at the size that two cores carry.
"""
import argparse
import json
import math
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Student's t, two-sided 95 %, by degrees of freedom.
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}

CELLS = ["augmentation.width=320", "augmentation.height=256", "augmentation.verticalFlip=0.5", "augmentation.scale=0.75,1.35"]

# name; system; what the paper claims; dataset; metric; (baseline, its overrides); (variant, its overrides); both
PAIRS = [
    dict(name="cascade-rcnn", claim="three stages find boxes better than one, above all at high IoU", data="bccd", metric="AP75",
         baseline=("faster-rcnn-r18-small", []), variant=("cascade-rcnn-r18-small", []), both=CELLS + ["epochs=12", "evaluateEveryEpochs=12"]),
    dict(name="group-norm", claim="at two images a batch, group normalisation is better than batch normalisation", data="bccd", metric="AP",
         baseline=("faster-rcnn-r18-small", ["detector.backbone.norm.kind=batch"]), variant=("faster-rcnn-r18-small", []),
         both=CELLS + ["batchSize=2", "epochs=12", "evaluateEveryEpochs=12"]),
    dict(name="scratch-training", claim="from random weights, a longer schedule gains where a short one has not converged", data="bccd", metric="AP",
         baseline=("faster-rcnn-r18-gn-small", ["epochs=8", "evaluateEveryEpochs=8"]), variant=("faster-rcnn-r18-gn-small", ["epochs=24", "evaluateEveryEpochs=24"]), both=CELLS),
    dict(name="usb-benchmark", claim="assigning anchors by the statistics of their overlaps (ATSS) is better than by fixed thresholds (RetinaNet)", data="bccd", metric="AP",
         baseline=("retinanet-r18-small", []), variant=("atss-r18-small", []), both=CELLS + ["epochs=12", "evaluateEveryEpochs=12"]),
]


def train(recipe, overrides, data, seed, threads):
    out = ROOT / "runs" / "papers" / "-".join([data.name, recipe, *sorted(text.replace("/", "_") for text in overrides), f"seed={seed}"]).replace(" ", "")
    log = out / "metrics.jsonl"
    done = out / "done"
    if not done.exists():
        out.parent.mkdir(parents=True, exist_ok=True)
        command = [str(ROOT / "serve"), "train", recipe, "--data", str(data), "--out", str(out), "--threads", str(threads)]
        for text in [*overrides, f"seed={seed}"]:
            command += ["--set", text]
        print(f"papers: {recipe} {' '.join(overrides)} seed {seed}", file=sys.stderr, flush=True)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        done.touch()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return [line for line in lines if line["event"] == "evaluation"][-1]


def spread(values):
    return f"{100 * statistics.mean(values):.1f} ± {100 * statistics.stdev(values):.1f}"


def row(pair, results):
    metric = pair["metric"]
    baseline, variant = ([run[metric] for run in results[arm]] for arm in ("baseline", "variant"))
    differences = [100 * (after - before) for before, after in zip(baseline, variant)]
    mean, half = statistics.mean(differences), STUDENT[len(differences) - 1] * statistics.stdev(differences) / math.sqrt(len(differences))
    verdict = "as claimed" if mean - half > 0 else "against the claim" if mean + half < 0 else "not decided: the interval holds 0"
    arms = [f"{pair[arm][0]} {' '.join(pair[arm][1])}".strip() for arm in ("baseline", "variant")]
    return (f"| {pair['name']} | {pair['claim']} | {pair['data']} | {metric} | {arms[0]} | {spread(baseline)} | {arms[1]} | {spread(variant)} | "
            f"{mean:+.1f} ({mean - half:+.1f} to {mean + half:+.1f}) | {len(differences)} | {verdict} |")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path, help="folder of the datasets")
    options.add_argument("page", type=Path, help="Markdown file to write")
    options.add_argument("--only", help="names of pairs, with commas between them")
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--threads", type=int, default=0)
    given = options.parse_args()
    wanted = given.only.split(",") if given.only else [pair["name"] for pair in PAIRS]
    unknown = set(wanted) - {pair["name"] for pair in PAIRS}
    if unknown or not 2 <= given.seeds <= 10:
        sys.exit(f"papers: got --only {given.only} --seeds {given.seeds}; allowed are {', '.join(pair['name'] for pair in PAIRS)} and 2 to 10 seeds.")
    rows = []
    for pair in PAIRS:
        if pair["name"] not in wanted:
            continue
        results = {arm: [] for arm in ("baseline", "variant")}
        for seed in range(1, given.seeds + 1):
            for arm in results:
                recipe, overrides = pair[arm]
                results[arm].append(train(recipe, overrides + pair["both"], given.data / pair["data"], seed, given.threads))
        rows.append(row(pair, results))
    page = "\n".join([
        "# What the papers claim, and what came out here", "",
        f"Made by `python3 bench/papers.py ../shared/data docs/results.md`{' --only ' + given.only if given.only else ''}, {given.seeds} seeds. Both arms have one budget where the claim is not about the budget.",
        "Validation split; mean ± standard deviation over the seeds, in points; the difference is of runs with one seed, with its 95 % interval.",
        "These are small detectors on small data: they tell whether the direction shows at this size, not what the papers measured on COCO.", "",
        "| system | claim | data | metric | baseline | its value | variant | its value | difference | seeds | |", "|---|---|---|---|---|---|---|---|---|--:|---|", *rows, ""])
    partial = given.page.with_suffix(".partial")
    partial.write_text(page)
    partial.rename(given.page)


if __name__ == "__main__":
    main()
