"""Writes coco.json beside this file: random boxes, and the average precisions that pycocotools gives them.

    pip install pycocotools && python3 make-coco.py
"""

import contextlib
import io
import json
import os
import random

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

CLASSES = 3
PICTURES = 12


def random_box(r):
    x, y, w, h = r.randrange(80), r.randrange(80), r.randrange(6, 60), r.randrange(6, 60)
    return [x, y, x + w, y + h]


def jittered(r, box, amount):
    x0, y0, x1, y1 = (v + r.randint(-amount, amount) for v in box)
    return [x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)]


def main():
    r = random.Random(20)
    pictures = []
    for _ in range(PICTURES):
        truth = [{"class": r.randrange(CLASSES), "box": random_box(r)} for _ in range(r.randrange(5))]
        found = []
        for t in truth:
            for _ in range(r.choice([0, 1, 1, 1, 2])):
                found.append({"class": t["class"], "box": jittered(r, t["box"], r.choice([0, 2, 4, 8])), "score": r.randrange(1, 1000) / 1000})
        for _ in range(r.randrange(4)):
            found.append({"class": r.randrange(CLASSES), "box": random_box(r), "score": r.randrange(1, 1000) / 1000})
        pictures.append({"truth": truth, "found": found})

    def corner_size(box):
        return [box[0], box[1], box[2] - box[0], box[3] - box[1]]

    coco = COCO()
    annotations = [(i, t) for i, p in enumerate(pictures) for t in p["truth"]]
    coco.dataset = {
        "images": [{"id": i} for i in range(PICTURES)],
        "categories": [{"id": c} for c in range(CLASSES)],
        "annotations": [
            {"id": n + 1, "image_id": i, "category_id": t["class"], "bbox": (b := corner_size(t["box"])), "area": b[2] * b[3], "iscrowd": 0}
            for n, (i, t) in enumerate(annotations)
        ],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
        results = coco.loadRes([
            {"image_id": i, "category_id": f["class"], "bbox": corner_size(f["box"]), "score": f["score"]}
            for i, p in enumerate(pictures)
            for f in p["found"]
        ])
        evaluation = COCOeval(coco, results, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
    # [threshold, recall, class, area (all), boxes per picture (100)]
    precision = evaluation.eval["precision"][:, :, :, 0, 2]
    answer = {"pictures": pictures, "averagePrecision": precision.mean(1).round(9).tolist(), "map": round(float(precision.mean()), 9)}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "coco.json"), "w") as f:
        json.dump(answer, f, separators=(",", ":"))
        f.write("\n")


main()
