#!/usr/bin/env python3
"""Trains what a paper claims to be better, and what it is better than, on real data with one budget and several seeds; writes the claims beside what came out.

    python3 bench/papers.py ../shared/data                                   all experiments, and docs/results.md from all that were run
    python3 bench/papers.py ../shared/data --only cascade-rcnn,group-norm    some of them
    python3 bench/papers.py ../shared/data --page                            the page alone, from results that are there

Experiments are in paper_experiments.py. The result of each run is a line of bench/results/papers.jsonl. A run whose line is there is not done again: delete lines to repeat them. One that was interrupted is continued with the
same command. Runs are under runs/papers, and may be deleted when they ended; a network that others start from is then trained again.
Differences are of runs with one seed; their interval is Student's, 95 %.
"""
import argparse
import json
import math
import shlex
import statistics
import subprocess
import sys
import time
from pathlib import Path

from paper_datasets import made_dataset
from paper_experiments import EXPERIMENTS, SPLIT

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results" / "papers.jsonl"
PAGE = ROOT / "docs" / "results.md"
WORK = ROOT / "runs" / "papers"

# Student's t, two-sided 95 %, by degrees of freedom.
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}

PRETRAINING_SEED = 1

# What a table of arms shows, where it is there.
SHOWN = ["AP", "AP50", "AP75", "mask AP"]


class Runs:
    """The runs of this checkout, and the lines of those that ended."""

    def __init__(self, program, data, threads):
        self.program, self.data, self.threads = program, data, threads
        self.lines = [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []

    def find(self, experiment, arm, seed):
        return next((line for line in self.lines if line["run"] == self.identity(experiment, arm, seed)), None)

    def identity(self, experiment, arm, seed):
        recipe, options, data = arm_of(experiment, arm)
        return dict(recipe=recipe, options=[*experiment["both"], *options], data=data, seed=seed)

    def train(self, name, experiment, arm, seed, weights=False):
        known = self.find(experiment, arm, seed)
        if known and not (weights and not self.weights(name, arm, seed).exists()):
            return
        run = self.identity(experiment, arm, seed)
        out = self.folder(name, arm, seed)
        data = made_dataset(run["data"], self.data, WORK / "data", self.program) or self.data / run["data"]
        command = [*self.program, "train", run["recipe"], "--data", str(data), "--out", str(out)] + (["--threads", str(self.threads)] if self.threads else [])
        for option in [*run["options"], f"seed={seed}"]:
            if option.startswith("initialWeights={"):
                # One pre-trained network for all seeds, as in the papers.
                source = option[len("initialWeights={"):-1]
                self.train(name, experiment, source, PRETRAINING_SEED, weights=True)
                option = f"initialWeights={self.weights(name, source, PRETRAINING_SEED)}"
            command += [option] if option.startswith(SPLIT) else ["--set", option]
        print(f"papers: {time.strftime('%H:%M')} {name}, {arm}, seed {seed}", file=sys.stderr, flush=True)
        out.parent.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
        log = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
        if known:
            print(f"papers: {arm} has AP {metrics_of(log)['AP']}, and had {known['metrics']['AP']}", file=sys.stderr, flush=True)
            return
        line = dict(run=run, metrics=metrics_of(log), samples=last(log, "samples"), commit=self.commit(), minutes=round((time.monotonic() - started) / 60, 2))
        self.lines.append(line)
        with RESULTS.open("a") as file:
            file.write(json.dumps(line) + "\n")

    @staticmethod
    def folder(name, arm, seed):
        return WORK / name / f"{arm}, seed {seed}".replace(",", "").replace(" ", "-")

    @classmethod
    def weights(cls, name, arm, seed):
        return cls.folder(name, arm, seed) / "checkpoints" / "best.safetensors"

    @staticmethod
    def commit():
        return subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=True).stdout.strip()


def arm_of(experiment, arm):
    recipe, options, *data = experiment["arms"][arm]
    return recipe, options, data[0] if data else experiment["data"]


def last(log, event, protocol=None):
    found = [line for line in log if line["event"] == event and (protocol is None or line["protocol"] == protocol)]
    return {name: value for name, value in found[-1].items() if name not in ("event", "step", "epoch", "protocol")} if found else {}


def metrics_of(log):
    boxes, masks = last(log, "evaluation", "coco-bbox"), last(log, "evaluation", "coco-segm")
    return {**boxes, **{f"mask {name}": value for name, value in masks.items()}, **{f"AP of {name}": value for name, value in last(log, "categories", "coco-bbox").items()}}


def value_of(claim, lines):
    _, _, metric, weights = claim
    total = 0
    for term, weight in weights.items():
        arm, name = term if isinstance(term, tuple) else (term, metric)
        total += weight * lines[arm]["metrics"][name]
    return 100 * total


def points(values):
    return f"{100 * statistics.mean(values):.1f}" + (f" ± {100 * statistics.stdev(values):.1f}" if len(values) > 1 else "")


def section(name, experiment, runs, seeds):
    arms = {arm: {seed: runs.find(experiment, arm, seed) for seed in seeds} for arm in experiment["arms"]}
    rows, claims = [], []
    for arm, by_seed in arms.items():
        there = [line for line in by_seed.values() if line]
        recipe, options, data = arm_of(experiment, arm)
        cells = [points([line["metrics"][metric] for line in there]) if there and all(metric in line["metrics"] for line in there) else "" for metric in shown(arms)]
        if there:
            rows.append(f"| {arm} | `{recipe}`{''.join(f' `{option}`' for option in options)}{'' if data == experiment['data'] else ' on ' + data} | {' | '.join(cells)} | {len(there)} | "
                        f"{statistics.mean(line['minutes'] for line in there):.1f} |")
    for claim in experiment["claims"]:
        text, source, metric, weights = claim
        needed = {term[0] if isinstance(term, tuple) else term for term in weights}
        whole = [seed for seed in seeds if all(arms[arm][seed] for arm in needed)]
        if len(whole) < 2:
            continue
        values = [value_of(claim, {arm: arms[arm][seed] for arm in needed}) for seed in whole]
        mean, half = statistics.mean(values), STUDENT[len(values) - 1] * statistics.stdev(values) / math.sqrt(len(values))
        verdict = "as claimed" if mean - half > 0 else "against the claim" if mean + half < 0 else f"not decided, {'the claimed' if mean > 0 else 'the other'} direction"
        claims.append(f"| {text} | {source} | {metric} | {mean:+.1f} ({mean - half:+.1f} to {mean + half:+.1f}) | {len(values)} | {verdict} |")
    if not claims:
        return []
    return [
        f"## {experiment.get('title', name)}", "", f"On {experiment['data']}; all arms with {' '.join(f'`{option}`' for option in experiment['both'])}.", "",
        "| claim | source | metric | difference, points | seeds | |", "|---|---|---|---|--:|---|", *claims, "",
        f"| arm | recipe and options | {' | '.join(shown(arms))} | seeds | minutes |", f"|---|---|{'---|' * len(shown(arms))}--:|--:|", *rows, "", *[part for note in experiment.get("notes", []) for part in (note, "")]]


def shown(arms):
    there = {metric for by_seed in arms.values() for line in by_seed.values() if line for metric in line["metrics"]}
    return [metric for metric in SHOWN if metric in there]


def write_page(runs, seeds):
    sections = [line for name, experiment in EXPERIMENTS.items() for line in section(name, experiment, runs, seeds)]
    page = "\n".join([
        "# What the papers claim, and what came out here", "",
        "Made by `python3 bench/papers.py ../shared/data`, which trains again what is not in bench/results/papers.jsonl. These are small detectors with random first weights on small data: they",
        "tell whether a direction shows at this size, not what the papers measured on COCO.", "",
        "Evaluated on the validation split at the end of the training. Arms: mean ± standard deviation over the seeds, in points. Claims: the mean over the seeds of the difference that should",
        "be above 0, each of runs with one seed, with its 95 % interval (Student). \"As claimed\" and \"against the claim\" are said where the interval leaves 0 out.", "",
        *sections])
    partial = PAGE.with_suffix(".partial")
    partial.write_text(page)
    partial.rename(PAGE)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path, help="folder of the datasets")
    options.add_argument("--only", help="names of experiments, with commas between them")
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--threads", type=int, default=0, help="threads of libtorch; its own choice when not given")
    options.add_argument("--program", default=str(ROOT / "serve"), help="the command line to train with")
    options.add_argument("--page", action="store_true", help="write the page and train nothing")
    given = options.parse_args()
    wanted = given.only.split(",") if given.only else list(EXPERIMENTS)
    unknown = set(wanted) - set(EXPERIMENTS)
    if unknown or not 2 <= given.seeds <= 10:
        sys.exit(f"papers: got --only {given.only} --seeds {given.seeds}; allowed are {', '.join(EXPERIMENTS)} and 2 to 10 seeds.")
    if not given.data.is_dir():
        sys.exit(f"papers: {given.data} is no folder; give that of the datasets.")
    runs, seeds = Runs(shlex.split(given.program), given.data.resolve(), given.threads), range(1, given.seeds + 1)
    try:
        for name in [] if given.page else wanted:
            for seed in seeds:
                for arm in EXPERIMENTS[name]["arms"]:
                    if seed == PRETRAINING_SEED or arm_of(EXPERIMENTS[name], arm)[2] == EXPERIMENTS[name]["data"]:
                        runs.train(name, EXPERIMENTS[name], arm, seed)
            write_page(runs, seeds)
    except subprocess.CalledProcessError as fault:
        sys.exit(f"papers: {shlex.join(fault.cmd)} ended with {fault.returncode}; what it said is above.")
    except KeyboardInterrupt:
        sys.exit("papers: stopped; the same command continues.")
    write_page(runs, range(1, 11))


if __name__ == "__main__":
    main()
