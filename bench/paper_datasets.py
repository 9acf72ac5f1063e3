"""Datasets that bench/papers.py makes itself."""
import json
import math
import shutil
import subprocess

# Scenes as `serve data make` draws them.
SCENES = "demo-scenes"

# Blood cells with masks: ellipses in their boxes, which is what cells nearly are. Splits of the training pictures: all; every tenth; and those without platelets with a few that have some.
ELLIPSES = "bccd-ellipses"
CORNERS = 32
RARE, RARE_PICTURES = "Platelets", 16


def made_dataset(name, data, folder, program):
    """The folder of a dataset that is made here, made where it is not there; None for another name.

    data: folder of the datasets that are given. folder: where those that are made lie. program: the command line.
    """
    making = {SCENES: lambda made: subprocess.run([*program, "data", "make", "--out", str(made)], check=True, stdout=subprocess.DEVNULL), ELLIPSES: lambda made: write_ellipses(data / "bccd", made)}
    if name not in making:
        return None
    if not (folder / name).exists():
        made = folder / f"{name}.partial"
        shutil.rmtree(made, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        making[name](made)
        made.rename(folder / name)
    return folder / name


def write_ellipses(source, made):
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


def ellipse(x, y, width, height):
    angles = [2 * math.pi * corner / CORNERS for corner in range(CORNERS)]
    return [round(value, 2) for angle in angles for value in (x + width / 2 * (1 + math.cos(angle)), y + height / 2 * (1 + math.sin(angle)))]
