"""What bench/papers.py trains: arms of experiments, and the claims of papers that they are held against."""

from paper_datasets import ELLIPSES

# Sizes that two cores carry. The pictures of blood cells are 640 x 480.
NARROW = ["detector.backbone.width=32"]
CELLS = ["augmentation.width=256", "augmentation.height=192", "augmentation.verticalFlip=0.5", "augmentation.scale=0.75,1.35"]

# Where many arms or long trainings are compared, pictures and heads are smaller still.
SMALL_HEADS = ["detector.neck.channels=64", "detector.roiSamples=64"]
SMALL_CELLS = ["augmentation.width=192", "augmentation.height=160", "augmentation.verticalFlip=0.5", "augmentation.scale=0.75,1.35"]
JITTERED_CELLS = ["augmentation.resize=jitter", "augmentation.width=256", "augmentation.height=192", "augmentation.verticalFlip=0.5"]


def budget(epochs):
    return [f"epochs={epochs}", f"evaluateEveryEpochs={epochs}"]


# Budgets b, 3b and 6b of 51 steps an epoch; the rate falls 2b/3 and 2b/9 before the end of each, as at 60k and 20k of 90k (He et al., section 4).
LADDER = [3, 9, 18]
STEPS = ["schedule.kind=step", "schedule.warmupSteps=25"]
PINNED_TAIL = [*STEPS, "schedule.decayBeforeEnd=[102,34]"]

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
        data="bccd", both=NARROW + SMALL_HEADS + SMALL_CELLS,
        arms={
            # As many steps at both sizes of batches.
            **{f"{name}, batch {size}": ("faster-rcnn-r18-gn-small", [*budget(epochs), f"batchSize={size}", *norm])
               for size, epochs in ((2, 6), (8, 24)) for name, norm in (("group", []), ("batch", ["detector.backbone.norm.kind=batch"]))},
            "none, batch 2": ("faster-rcnn-r18-gn-small", [*budget(6), "batchSize=2", "detector.backbone.norm.kind=none"]),
        },
        claims=[
            ("at two images a batch, group normalisation beats batch normalisation", "Wu and He, figure 5", "AP", {"group, batch 2": 1, "batch, batch 2": -1}),
            ("by more than at eight images a batch and as many steps", "the same", "AP", {"group, batch 2": 1, "batch, batch 2": -1, "group, batch 8": -1, "batch, batch 8": 1}),
            ("a network without normalisation is worse", "the same, section 4.1", "AP", {"group, batch 2": 1, "none, batch 2": -1}),
        ],
        notes=[
            "At 256 x 192 with more channels and eight passes group normalisation was ahead by 1.2 AP at two images a batch (-2.2 to +4.6, 3 seeds; `git show 96965de:docs/results.md`). Eight images a batch had a "
            "quarter of the steps there, which said nothing, so that all was begun again with as many.",
        ]),
    "scratch-training": dict(
        data="bccd", both=NARROW + CELLS,
        arms={
            "24 epochs of scenes": ("faster-rcnn-r18-gn-small", ["augmentation.width=320", "augmentation.height=256", *budget(24)], "demo-scenes"),
            "random, 2 epochs": ("faster-rcnn-r18-gn-small", budget(2)),
            "random, 12 epochs": ("faster-rcnn-r18-gn-small", budget(12)),
            "pre-trained, 2 epochs": ("faster-rcnn-r18-gn-small", [*budget(2), "initialWeights={24 epochs of scenes}"]),
            "pre-trained, 12 epochs": ("faster-rcnn-r18-gn-small", [*budget(12), "initialWeights={24 epochs of scenes}"]),
        },
        claims=[
            ("after a short training, a pre-trained backbone is ahead", "He et al., figure 1", "AP", {"pre-trained, 2 epochs": 1, "random, 2 epochs": -1}),
            ("a longer training closes most of the gap", "the same, table 1: 3.5 AP at 2x, -0.2 at 6x", "AP",
             {"pre-trained, 2 epochs": 1, "random, 2 epochs": -1, "pre-trained, 12 epochs": -1, "random, 12 epochs": 1}),
            ("the gap of AP75 closes faster than that of AP50", "the same, table 2: AP75 +1.0, AP50 +0.1 at the end", "AP75",
             {"random, 12 epochs": 1, "pre-trained, 12 epochs": -1, ("random, 12 epochs", "AP50"): -1, ("pre-trained, 12 epochs", "AP50"): 1}),
        ],
        notes=[
            "The AP of the pre-training is that on its own scenes, whose pictures have nothing of blood cells.",
        ]),
    "scratch-ladder": dict(
        title="scratch-training, the paper's schedule", data="bccd", both=NARROW + SMALL_HEADS + SMALL_CELLS,
        arms={
            "20 epochs of scenes": ("faster-rcnn-r18-gn-small", ["augmentation.width=256", "augmentation.height=192", *budget(20)], "demo-scenes"),
            **{f"{first}, {epochs} epochs": ("faster-rcnn-r18-gn-small", [*budget(epochs), *PINNED_TAIL, *weights])
               for epochs in LADDER for first, weights in (("random", []), ("pre-trained", ["initialWeights={20 epochs of scenes}"]))},
            "random, proportional tail, 18 epochs": ("faster-rcnn-r18-gn-small", [*budget(LADDER[-1]), *STEPS, "schedule.decayAt=[0.6666666667,0.8888888889]"]),
        },
        claims=[
            ("a pre-trained backbone is ahead after a budget b (3 epochs)", "He et al., figure 1", "AP", {"pre-trained, 3 epochs": 1, "random, 3 epochs": -1}),
            ("by more than after 3b", "the same", "AP", {"pre-trained, 3 epochs": 1, "random, 3 epochs": -1, "pre-trained, 9 epochs": -1, "random, 9 epochs": 1}),
            ("and after 3b by more than after 6b", "the same", "AP", {"pre-trained, 9 epochs": 1, "random, 9 epochs": -1, "pre-trained, 18 epochs": -1, "random, 18 epochs": 1}),
            ("from 3b to 6b the gap of AP75 closes faster than that of AP50", "the same, table 2", "AP75",
             {"random, 18 epochs": 1, "pre-trained, 18 epochs": -1, "random, 9 epochs": -1, "pre-trained, 9 epochs": 1,
              ("random, 18 epochs", "AP50"): -1, ("pre-trained, 18 epochs", "AP50"): 1, ("random, 9 epochs", "AP50"): 1, ("pre-trained, 9 epochs", "AP50"): -1}),
            ("longer at small rates, 6b gives nothing more", "the same, section 4", "AP", {"random, 18 epochs": 1, "random, proportional tail, 18 epochs": -1}),
        ],
        notes=[
            "The AP of the pre-training is that on its own scenes.",
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
            "all pictures, without": ("copy-paste-r18-small", [*budget(8), "augmentation.copyPaste=null"]),
            "all pictures, with": ("copy-paste-r18-small", budget(8)),
            "a tenth, without": ("copy-paste-r18-small", [*budget(80), "augmentation.copyPaste=null", SPLIT + "tenth"]),
            "a tenth, with": ("copy-paste-r18-small", [*budget(80), SPLIT + "tenth"]),
            "platelets rare, with": ("copy-paste-r18-small", [*budget(16), SPLIT + "rare"]),
            "platelets rare, pasted more often": ("copy-paste-r18-small", [*budget(16), "augmentation.copyPaste.repeatThreshold=1", SPLIT + "rare"]),
        },
        claims=[
            ("with a tenth of the pictures pasting helps", "Ghiasi et al., figure 4: up to +10 box AP at 10 % of COCO", "AP", {"a tenth, with": 1, "a tenth, without": -1}),
            ("masks too", "the same", "mask AP", {"a tenth, with": 1, "a tenth, without": -1}),
            ("by more than with all of them", "the same", "AP", {"a tenth, with": 1, "a tenth, without": -1, "all pictures, with": -1, "all pictures, without": 1}),
            ("a rare class (platelets) that is pasted more often is found better", "the same, table 8 (LVIS): +3.1 mask AP of rare categories by pasting, +5.7 by showing them more often, +8.7 by both", "AP of Platelets",
             {"platelets rare, pasted more often": 1, "platelets rare, with": -1}),
        ],
        notes=[
            "Masks are ellipses in the annotated boxes, at training and evaluation. As many steps with a tenth of the pictures (21) as with all 205.",
        ]),
    "large-scale-jitter": dict(
        title="copy-paste-lsj, jitter", data="bccd", both=NARROW + SMALL_HEADS + JITTERED_CELLS,
        arms={
            f"{name}, {epochs} epochs": ("faster-rcnn-r18-gn-small", [*budget(epochs), f"augmentation.scale={scale}"])
            for epochs in (3, 12) for name, scale in (("standard", "0.8,1.25"), ("large scale", "0.1,2"))
        },
        claims=[
            ("after a short training jitter of a large scale is behind", "Ghiasi et al., figure 3", "AP", {"standard, 3 epochs": 1, "large scale, 3 epochs": -1}),
            ("after a longer one it is not", "the same", "AP", {"large scale, 12 epochs": 1, "standard, 12 epochs": -1}),
            ("it gains more by a longer training", "the same", "AP",
             {"large scale, 12 epochs": 1, "standard, 12 epochs": -1, "large scale, 3 epochs": -1, "standard, 3 epochs": 1}),
        ],
        notes=[
            "612 steps are few beside the tens of thousands of the paper, and all pictures of blood cells have one magnification: what jitter of a large scale prepares for does not come in the validation split. "
            "Tried: these two budgets; not tried: longer ones, and data whose objects differ in size.",
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
            ("statistics of batch normalisation must not be frozen", "the same, table 1: no convergence", "AP50", {"from these, live statistics": 1, "from these, frozen statistics": -1}),
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
            "UniverseNet (Res2Net-50 with batch normalisation, SEPC, focal losses on distributions) is far from converged after 408 steps, as its AP50 beside its AP75 shows. Four times as many take more than half of the gap away. "
            "Not tried: the weights of ImageNet that the paper starts from.",
        ]),
}
