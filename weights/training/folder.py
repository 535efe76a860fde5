"""A reader's own pictures as training data: annotations.json from folders named by label and COCO's format.

PICTURES/LABEL/….jpg       the pictures of each label; a folder called `background` holds pictures of none of them
PICTURES/annotations.json  optional: things in those pictures in COCO's format, with `bbox` and, for the segmenter,
                           `segmentation`; `file_name` is from PICTURES on, as in `dog/1.jpg`
"""

import hashlib
import json
import os

import numpy as np
from PIL import Image, ImageDraw

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
BACKGROUND = "background"
VAL_SHARE = 0.15


def prepare(pictures, out):
    """Writes OUT/annotations.json and OUT/masks. Every seventh picture or so is kept for val, chosen by its name."""
    no_labels = {os.path.abspath(out), os.path.abspath(os.path.join(pictures, BACKGROUND))}
    labels = sorted(e.name for e in os.scandir(pictures) if e.is_dir() and os.path.abspath(e.path) not in no_labels)
    if len(labels) < 2:
        raise SystemExit(f"{pictures} has {len(labels)} folders of pictures, two or more labels are needed")
    coco = read_coco(os.path.join(pictures, "annotations.json"))
    images = []
    for label in [*labels, BACKGROUND]:
        folder = os.path.join(pictures, label)
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if name.lower().endswith(ENDINGS):
                images.append(entry(pictures, out, label, f"{label}/{name}", coco))
    for label in labels:
        if sum(e["label"] == label and e["split"] == "train" for e in images) == 0:
            raise SystemExit(f"{pictures}/{label} has no picture to train on, one or more is needed")
    classes = sorted({o["class"] for e in images for o in e.get("objects", [])})
    document = {"classifier_labels": labels, "scene_classes": classes, "images": images}
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "annotations.json"), "w") as f:
        json.dump(document, f)
    return document


def entry(pictures, out, label, file, coco):
    path = os.path.abspath(os.path.join(pictures, file))
    with Image.open(path) as picture:
        width, height = picture.size
    share = int(hashlib.sha256(file.encode()).hexdigest()[:8], 16) / 2**32
    e = {
        "file": path, "width": width, "height": height, "split": "val" if share < VAL_SHARE else "train",
        "label": None if label == BACKGROUND else label,
    }  # fmt: skip
    if label == BACKGROUND:
        e["background"] = True
    if file in coco:
        e["objects"] = [{"class": o["class"], "box": corners(o["bbox"])} for o in coco[file]]
        if all("segmentation" in o for o in coco[file]):
            e["mask"] = os.path.join("masks", hashlib.sha256(file.encode()).hexdigest()[:16] + ".png")
            os.makedirs(os.path.join(out, "masks"), exist_ok=True)
            mask(coco[file], width, height).save(os.path.join(out, e["mask"]))
    return e


def read_coco(path):
    """file name -> its objects: class, bbox and perhaps segmentation."""
    if not os.path.exists(path):
        return {}
    with open(path) as f:
        document = json.load(f)
    classes = {c["id"]: c["name"] for c in document["categories"]}
    files = {i["id"]: i["file_name"] for i in document["images"]}
    found = {name: [] for name in files.values()}
    for a in document["annotations"]:
        found[files[a["image_id"]]].append({**a, "class": classes[a["category_id"]]})
    return found


def corners(box):
    x, y, w, h = box
    return [x, y, x + w, y + h]


def mask(objects, width, height):
    """0 background, k the k-th object; later objects lie over earlier ones."""
    out = Image.new("L", (width, height))
    for k, o in enumerate(objects, 1):
        if isinstance(o["segmentation"], dict):
            out.paste(k, mask=Image.fromarray(run_lengths(o["segmentation"]) * np.uint8(255)))
            continue
        for polygon in o["segmentation"]:
            ImageDraw.Draw(out).polygon([tuple(p) for p in np.reshape(polygon, (-1, 2))], fill=k)
    return out


def run_lengths(segmentation):
    """COCO's uncompressed run lengths: counts of 0s and 1s in turn, down the columns."""
    counts = segmentation["counts"]
    if isinstance(counts, str):
        raise SystemExit("compressed run lengths in annotations.json: polygons or uncompressed counts are needed")
    flat = np.repeat(np.arange(len(counts)) % 2, counts).astype(np.uint8)
    return np.ascontiguousarray(flat.reshape(segmentation["size"][1], segmentation["size"][0]).T)
