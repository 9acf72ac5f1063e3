#!/usr/bin/env python3
"""Trains what a paper claims to be better, and what it is better than, on real data with one budget and several seeds; writes the claims beside what came out.

    python3 bench/papers.py ../shared/data                                   all experiments, and docs/results.md from all that were run
    python3 bench/papers.py ../shared/data --only cascade-rcnn,group-norm    some of them
    python3 bench/papers.py ../shared/data --page                            the page alone, from results that are there

The result of each run is a line of bench/results/papers.jsonl. A run whose line is there is not done again: delete lines to repeat them. One that was interrupted is continued with the
same command. Runs are under runs/papers, and may be deleted when they ended.
Differences are of runs with one seed; their interval is Student's, 95 %.
"""
import argparse
import json
import math
import shlex
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results" / "papers.jsonl"
PAGE = ROOT / "docs" / "results.md"

# Student's t, two-sided 95 %, by degrees of freedom.
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}

PRETRAINING_SEED = 1

# Blood cells with masks: ellipses in their boxes, which is what cells nearly are. Splits of the training pictures: all; every tenth; and those without platelets with a few that have some.
ELLIPSES = "bccd-ellipses"
ELLIPSE_CORNERS = 32
RARE, RARE_PICTURES = "Platelets", 16

# Sizes that two cores carry. The pictures of blood cells are 640 x 480.
NARROW = ["detector.backbone.width=32"]
CELLS = ["augmentation.width=256", "augmentation.height=192", "augmentation.verticalFlip=0.5", "augmentation.scale=0.75,1.35"]

# Those of pasting are smaller still.
SMALL_CELLS = ["augmentation.width=192", "augmentation.height=160", "augmentation.verticalFlip=0.5", "augmentation.scale=0.75,1.35"]
JITTERED_CELLS = ["augmentation.resize=jitter", "augmentation.width=256", "augmentation.height=192", "augmentation.verticalFlip=0.5"]


def budget(epochs):
    return [f"epochs={epochs}", f"evaluateEveryEpochs={epochs}"]


# Budgets b, 3b and 6b of 51 steps an epoch; the rate falls 2b/3 and 2b/9 before the end of each, as at 60k and 20k of 90k (He et al., section 4).
LADDER = [2, 6, 12]
PINNED_TAIL = ["schedule.kind=step", "schedule.decayBeforeEnd=[68,23]"]

# Another split to train on is written as one of the options.
SPLIT = "--train-split="


# An experiment: arms (recipe, options, and where it differs the dataset), notes on what came out, and claims: what a paper says; where; the metric; and the weight of each arm in the number that should be above 0.
# A weight may be for another metric than the claim's: ("arm", "metric").
EXPERIMENTS = {
    "fpn-faster-mask-rcnn": dict(
        data="bccd", both=NARROW + CELLS + budget(8),
        arms={
            "pyramid": ("faster-rcnn-r18-small", []),
            "no path from coarse to fine": ("faster-rcnn-r18-small", ["detector.neck.form=noTopDown"]),
            "finest level alone": ("faster-rcnn-r18-small", ["detector.neck.form=finestOnly", "detector.neck.extra=none", "detector.proposals.anchors.sizes=[[16,32,64,128,256]]"]),
        },
        claims=[
            ("a pyramid beats one of its maps", "Lin et al., table 1: AR 56.3 against 51.7 for P2 alone", "AP", {"pyramid": 1, "finest level alone": -1}),
            ("without the path from coarse to fine it is worse", "the same: AR 49.5 without", "AP", {"pyramid": 1, "no path from coarse to fine": -1}),
            ("above all for small objects (platelets)", "the same: 44.9 against 30.5 for small ones", "AP of Platelets", {"pyramid": 1, "no path from coarse to fine": -1}),
        ],
        notes=[
            "Without the path from coarse to fine nothing is lost here. Cells are told apart by their texture, of which the finest maps see enough; not tried yet: larger images, other data.",
        ]),
    "cascade-rcnn": dict(
        data="bccd", both=NARROW + CELLS + budget(8),
        arms={
            "one head, IoU 0.5": ("faster-rcnn-r18-small", []),
            "one head, IoU 0.7": ("faster-rcnn-r18-small", ["detector.roiIou=0.7"]),
            "three heads": ("cascade-rcnn-r18-small", []),
        },
        claims=[
            ("three heads beat one", "Cai and Vasconcelos, table 6: +3 to 4 AP", "AP", {"three heads": 1, "one head, IoU 0.5": -1}),
            ("above all where boxes have to be exact", "the same: AP75 +4 to 5", "AP75", {"three heads": 1, "one head, IoU 0.5": -1}),
            ("less so at an IoU of 0.5", "the same: more AP75 than AP50", "AP75",
             {"three heads": 1, "one head, IoU 0.5": -1, ("three heads", "AP50"): -1, ("one head, IoU 0.5", "AP50"): 1}),
            ("one head that asks for 0.7 is worse than one that asks for 0.5", "the same, figure 1", "AP", {"one head, IoU 0.5": 1, "one head, IoU 0.7": -1}),
        ]),
    "group-norm": dict(
        data="bccd", both=NARROW + CELLS,
        arms={
            "group, batch 2": ("faster-rcnn-r18-gn-small", [*budget(8), "batchSize=2"]),
            "batch, batch 2": ("faster-rcnn-r18-gn-small", [*budget(8), "batchSize=2", "detector.backbone.norm.kind=batch"]),
            "none, batch 2": ("faster-rcnn-r18-gn-small", [*budget(8), "batchSize=2", "detector.backbone.norm.kind=none"]),
            "group, batch 8": ("faster-rcnn-r18-gn-small", [*budget(8), "batchSize=8"]),
            "batch, batch 8": ("faster-rcnn-r18-gn-small", [*budget(8), "batchSize=8", "detector.backbone.norm.kind=batch"]),
            "group, batch 8, as many steps": ("faster-rcnn-r18-gn-small", [*budget(32), "batchSize=8"]),
            "batch, batch 8, as many steps": ("faster-rcnn-r18-gn-small", [*budget(32), "batchSize=8", "detector.backbone.norm.kind=batch"]),
        },
        claims=[
            ("at two images a batch, group normalisation beats batch normalisation", "Wu and He, figure 5", "AP", {"group, batch 2": 1, "batch, batch 2": -1}),
            ("by more than at eight images a batch", "the same", "AP", {"group, batch 2": 1, "batch, batch 2": -1, "group, batch 8": -1, "batch, batch 8": 1}),
            ("by more than at eight images a batch and as many steps", "the same", "AP",
             {"group, batch 2": 1, "batch, batch 2": -1, "group, batch 8, as many steps": -1, "batch, batch 8, as many steps": 1}),
            ("a network without normalisation is worse", "the same, section 4.1", "AP", {"group, batch 2": 1, "none, batch 2": -1}),
        ],
        notes=[
            "At eight images a batch and eight epochs there are a quarter of the steps and the learning rate is the same: these arms are far from converged, and their difference says little.",
        ]),
    "scratch-training": dict(
        data="bccd", both=NARROW + CELLS,
        arms={
            "24 epochs of scenes": ("faster-rcnn-r18-gn-small", ["augmentation.width=320", "augmentation.height=256", *budget(24)], "demo-scenes"),
            "random, 2 epochs": ("faster-rcnn-r18-gn-small", budget(2)),
            "random, 12 epochs": ("faster-rcnn-r18-gn-small", budget(12)),
            "pre-trained, 2 epochs": ("faster-rcnn-r18-gn-small", [*budget(2), "initialWeights={24 epochs of scenes}"]),
            "pre-trained, 12 epochs": ("faster-rcnn-r18-gn-small", [*budget(12), "initialWeights={24 epochs of scenes}"]),
            **{f"{first}, steps, {epochs} epochs": ("faster-rcnn-r18-gn-small", [*budget(epochs), *PINNED_TAIL, *weights])
               for epochs in LADDER for first, weights in (("random", []), ("pre-trained", ["initialWeights={24 epochs of scenes}"]))},
            "random, proportional tail, 12 epochs": ("faster-rcnn-r18-gn-small", [*budget(LADDER[-1]), "schedule.kind=step", "schedule.decayAt=[0.6666666667,0.8888888889]"]),
        },
        claims=[
            ("after a short training, a pre-trained backbone is ahead", "He et al., figure 1", "AP", {"pre-trained, 2 epochs": 1, "random, 2 epochs": -1}),
            ("a longer training closes most of the gap", "the same, table 1: 3.5 AP at 2x, -0.2 at 6x", "AP",
             {"pre-trained, 2 epochs": 1, "random, 2 epochs": -1, "pre-trained, 12 epochs": -1, "random, 12 epochs": 1}),
            ("the gap of AP75 closes faster than that of AP50", "the same, table 2: AP75 +1.0, AP50 +0.1 at the end", "AP75",
             {"random, 12 epochs": 1, "pre-trained, 12 epochs": -1, ("random, 12 epochs", "AP50"): -1, ("pre-trained, 12 epochs", "AP50"): 1}),
            ("with the paper's schedule: ahead after a budget b (2 epochs)", "the same, figure 1", "AP", {"pre-trained, steps, 2 epochs": 1, "random, steps, 2 epochs": -1}),
            ("by more than after 3b", "the same", "AP",
             {"pre-trained, steps, 2 epochs": 1, "random, steps, 2 epochs": -1, "pre-trained, steps, 6 epochs": -1, "random, steps, 6 epochs": 1}),
            ("and after 3b by more than after 6b", "the same", "AP",
             {"pre-trained, steps, 6 epochs": 1, "random, steps, 6 epochs": -1, "pre-trained, steps, 12 epochs": -1, "random, steps, 12 epochs": 1}),
            ("longer at small rates, 6b gives nothing more", "the same, section 4", "AP", {"random, steps, 12 epochs": 1, "random, proportional tail, 12 epochs": -1}),
        ],
        notes=[
            "The AP of the pre-training is that on its own scenes, whose pictures have nothing of blood cells.",
        ]),
    "copy-paste-lsj": dict(
        data="dried-fruit", both=NARROW + ["augmentation.width=192", "augmentation.height=192", "augmentation.scale=0.5,1.5"],
        arms={
            "without": ("copy-paste-r18-small", [*budget(60), "augmentation.copyPaste=null"]),
            "with": ("copy-paste-r18-small", budget(60)),
            "without, 240 epochs": ("copy-paste-r18-small", [*budget(240), "augmentation.copyPaste=null"]),
            "with, 240 epochs": ("copy-paste-r18-small", budget(240)),
        },
        claims=[
            ("pasting objects of other images helps where there are few images", "Ghiasi et al., figure 4: up to +10 box AP at 10 % of COCO", "AP", {"with": 1, "without": -1}),
            ("masks too", "the same", "mask AP", {"with": 1, "without": -1}),
            ("it helps after a training four times as long", "the same", "AP", {"with, 240 epochs": 1, "without, 240 epochs": -1}),
            ("masks too", "the same", "mask AP", {"with, 240 epochs": 1, "without, 240 epochs": -1}),
        ],
        notes=[
            "Pasted pictures are harder, and 60 passes over the 14 training pictures are few; the paper trains for hundreds of passes and more.",
        ]),
    "copy-paste-cells": dict(
        title="copy-paste-lsj, on blood cells", data=ELLIPSES, both=NARROW + SMALL_CELLS,
        arms={
            "all pictures, without": ("copy-paste-r18-small", [*budget(12), "augmentation.copyPaste=null"]),
            "all pictures, with": ("copy-paste-r18-small", budget(12)),
            "a tenth, without": ("copy-paste-r18-small", [*budget(120), "augmentation.copyPaste=null", SPLIT + "tenth"]),
            "a tenth, with": ("copy-paste-r18-small", [*budget(120), SPLIT + "tenth"]),
            "platelets rare, with": ("copy-paste-r18-small", [*budget(24), SPLIT + "rare"]),
            "platelets rare, pasted more often": ("copy-paste-r18-small", [*budget(24), "augmentation.copyPaste.repeatThreshold=1", SPLIT + "rare"]),
        },
        claims=[
            ("with a tenth of the pictures pasting helps", "Ghiasi et al., figure 4: up to +10 box AP at 10 % of COCO", "AP", {"a tenth, with": 1, "a tenth, without": -1}),
            ("masks too", "the same", "mask AP", {"a tenth, with": 1, "a tenth, without": -1}),
            ("by more than with all of them", "the same", "AP", {"a tenth, with": 1, "a tenth, without": -1, "all pictures, with": -1, "all pictures, without": 1}),
            ("a rare class (platelets) that is pasted more often is found better", "the same, table 8 (LVIS): +3.1 mask AP of rare categories by pasting, +5.7 by showing them more often, +8.7 by both", "AP of Platelets",
             {"platelets rare, pasted more often": 1, "platelets rare, with": -1}),
        ],
        notes=[
            "Masks are ellipses in the annotated boxes, at training and evaluation. As many steps with a tenth of the pictures (20) as with all 205.",
        ]),
    "large-scale-jitter": dict(
        title="copy-paste-lsj, jitter", data="bccd", both=NARROW + JITTERED_CELLS,
        arms={
            f"{name}, {epochs} epochs": ("faster-rcnn-r18-gn-small", [*budget(epochs), f"augmentation.scale={scale}"])
            for epochs in (4, 16) for name, scale in (("standard", "0.8,1.25"), ("large scale", "0.1,2"))
        },
        claims=[
            ("after a short training jitter of a large scale is behind", "Ghiasi et al., figure 3", "AP", {"standard, 4 epochs": 1, "large scale, 4 epochs": -1}),
            ("after a longer one it is not", "the same", "AP", {"large scale, 16 epochs": 1, "standard, 16 epochs": -1}),
            ("it gains more by a longer training", "the same", "AP",
             {"large scale, 16 epochs": 1, "standard, 16 epochs": -1, "large scale, 4 epochs": -1, "standard, 4 epochs": 1}),
        ]),
    "adder-fcos": dict(
        data="bccd", both=CELLS + ["detector.backbone.width=16", "detector.neck.channels=32", *budget(8)],
        arms={
            "adders": ("adder-fcos-r18-small", []),
            "adders, neck without shortcuts": ("adder-fcos-r18-small", ["detector.neck.adder.form=thenBottomUp"]),
            "convolutions": ("adder-fcos-r18-small", ["detector.backbone.kind=resNet", "detector.neck.kind=featurePyramid"]),
            "adders, 8 epochs of scenes": ("adder-fcos-r18-small", [], "demo-scenes"),
            "from these, live statistics": ("adder-fcos-r18-small", ["initialWeights={adders, 8 epochs of scenes}"]),
            "from these, frozen statistics": ("adder-fcos-r18-small", ["detector.backbone.norm.kind=frozenBatch", "initialWeights={adders, 8 epochs of scenes}"]),
        },
        claims=[
            ("a detector of adders learns, but stays below its twin of convolutions", "Chen et al., table 5: 36.5 against 38.6 AP", "AP", {"convolutions": 1, "adders": -1}),
            ("statistics of batch normalisation must not be frozen", "the same, section 3.2", "AP50", {"from these, live statistics": 1, "from these, frozen statistics": -1}),
            ("shortcuts in the neck help", "the same, table 4", "AP", {"adders": 1, "adders, neck without shortcuts": -1}),
        ]),
    "usb-benchmark": dict(
        data="bccd", both=CELLS + NARROW,
        arms={
            "RetinaNet": ("retinanet-r18-small", budget(8)),
            "ATSS": ("atss-r18-small", budget(8)),
            "ATSS, SEPC": ("atss-r18-small", [*budget(8), "detector.neck.kind=sepc"]),
            "ATSS at half the size": ("atss-r18-small", [*budget(8), "augmentation.width=128", "augmentation.height=96"]),
            "UniverseNet": ("universenet-small", budget(8)),
            "ATSS, 32 epochs": ("atss-r18-small", budget(32)),
            "UniverseNet, 32 epochs": ("universenet-small", budget(32)),
        },
        claims=[
            ("thresholds of each object's own (ATSS) beat fixed ones (RetinaNet)", "Shinya, table 5: 39.4 against 36.5 AP", "AP", {"ATSS": 1, "RetinaNet": -1}),
            ("convolutions over the pyramid's levels (SEPC) add to it", "the same: +2.7 AP", "AP", {"ATSS, SEPC": 1, "ATSS": -1}),
            ("UniverseNet beats ATSS", "the same: 46.7 against 39.4 AP", "AP", {"UniverseNet": 1, "ATSS": -1}),
            ("UniverseNet beats ATSS after a training four times as long", "the same", "AP", {"UniverseNet, 32 epochs": 1, "ATSS, 32 epochs": -1}),
            ("a lower resolution costs small objects (platelets) more than large ones (white cells)", "the same, table 8", "AP of Platelets",
             {"ATSS": 1, "ATSS at half the size": -1, ("ATSS", "AP of WBC"): -1, ("ATSS at half the size", "AP of WBC"): 1}),
        ],
        notes=[
            "UniverseNet (Res2Net-50 with batch normalisation, SEPC, focal losses on distributions) is far from converged after 408 steps, as its AP50 beside its AP75 shows.",
        ]),
}

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

    def train(self, name, experiment, arm, seed):
        if self.find(experiment, arm, seed):
            return
        run = self.identity(experiment, arm, seed)
        out = self.folder(name, arm, seed)
        data = self.drawn() if run["data"] == "demo-scenes" else self.ellipses() if run["data"] == ELLIPSES else self.data / run["data"]
        command = [*self.program, "train", run["recipe"], "--data", str(data), "--out", str(out)] + (["--threads", str(self.threads)] if self.threads else [])
        for option in [*run["options"], f"seed={seed}"]:
            if option.startswith("initialWeights={"):
                # One pre-trained network for all seeds, as in the papers.
                source = option[len("initialWeights={"):-1]
                self.train(name, experiment, source, PRETRAINING_SEED)
                option = f"initialWeights={self.folder(name, source, PRETRAINING_SEED) / 'checkpoints' / 'best.safetensors'}"
            command += [option] if option.startswith(SPLIT) else ["--set", option]
        print(f"papers: {time.strftime('%H:%M')} {name}, {arm}, seed {seed}", file=sys.stderr, flush=True)
        out.parent.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
        log = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
        line = dict(run=run, metrics=metrics_of(log), samples=last(log, "samples"), commit=self.commit(), minutes=round((time.monotonic() - started) / 60, 2))
        self.lines.append(line)
        with RESULTS.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def drawn(self):
        folder = ROOT / "runs" / "papers" / "data" / "demo-scenes"
        if not folder.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run([*self.program, "data", "make", "--out", str(folder)], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
        return folder

    def ellipses(self):
        """The blood cells with masks."""
        source, folder = self.data / "bccd", ROOT / "runs" / "papers" / "data" / ELLIPSES
        if folder.exists():
            return folder
        made = folder.with_suffix(".partial")
        shutil.rmtree(made, ignore_errors=True)
        (made / "annotations").mkdir(parents=True)
        (made / "images").symlink_to((source / "images").resolve())
        for split in ("train", "val"):
            dataset = json.loads((source / "annotations" / f"instances_{split}.json").read_text())
            for annotation in dataset["annotations"]:
                annotation["segmentation"] = [ellipse(*annotation["bbox"])]
            splits = {split: [image["id"] for image in dataset["images"]]}
            if split == "train":
                rare = next(category["id"] for category in dataset["categories"] if category["name"] == RARE)
                holding = {annotation["image_id"] for annotation in dataset["annotations"] if annotation["category_id"] == rare}
                few = set(sorted(holding)[:RARE_PICTURES])
                splits |= {"tenth": splits[split][::10], "rare": [image for image in splits[split] if image not in holding or image in few]}
            for name, images in splits.items():
                kept = set(images)
                part = {**dataset, "images": [image for image in dataset["images"] if image["id"] in kept],
                        "annotations": [annotation for annotation in dataset["annotations"] if annotation["image_id"] in kept]}
                (made / "annotations" / f"instances_{name}.json").write_text(json.dumps(part))
        made.rename(folder)
        return folder

    @staticmethod
    def folder(name, arm, seed):
        return ROOT / "runs" / "papers" / name / f"{arm}, seed {seed}".replace(",", "").replace(" ", "-")

    @staticmethod
    def commit():
        return subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=True).stdout.strip()


def ellipse(x, y, width, height):
    angles = [2 * math.pi * corner / ELLIPSE_CORNERS for corner in range(ELLIPSE_CORNERS)]
    return [round(value, 2) for angle in angles for value in (x + width / 2 * (1 + math.cos(angle)), y + height / 2 * (1 + math.sin(angle)))]


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
