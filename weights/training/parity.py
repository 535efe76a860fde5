"""Whether the engine answers what PyTorch answers, from picture file to label, box and mask.

python3 parity.py --data DIR [--split val] [--count 20] [--backend gpu|cpu]

PyTorch runs the exported weights; the engine is asked by its command line
(`fovea classify`, `detect` and `segment`). Prints the largest differences and fails when one is above its limit.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

import augment
import boxes
import export
from data import Photos

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PROBABILITY = 1e-3
PIXELS = 0.5
EQUAL = 0.999
# Detections below this score are not compared: near the threshold of suppression one side may list what the other does not.
SCORE = 0.03


def fovea(task, files, *options):
    """What the engine answers: the command's JSON."""
    command = ["npm", "run", "--silent", "fovea", "--", task, *files, "--json", *options]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed")
    return json.loads(done.stdout)


def compare_classifier(model, size, files, pictures, labels, backend):
    answer = fovea("classify", files, "--top", str(len(labels)), *backend)
    worst, same = 0.0, 0
    for picture, told in zip(pictures, answer["pictures"]):
        expected = model(augment.network_input(picture, model, size)).softmax(1)[0, :-1].numpy()
        got = np.zeros(len(labels))
        for one in told["labels"]:
            got[one["index"]] = one["score"]
        worst = max(worst, float(np.abs(got - expected).max()))
        same += int(got.argmax() == expected.argmax())
    print(f"classifier  largest difference of a probability {worst:.1e} (at most {PROBABILITY:g}), same best label {same} of {len(files)}")
    return answer["adapter"], worst <= PROBABILITY and same == len(files)


def compare_detector(model, size, files, pictures, labels, backend):
    answer = fovea("detect", files, "--threshold", str(SCORE - 2 * PROBABILITY), *backend)
    score, place, count, unmatched = 0.0, 0.0, 0, 0
    for picture, told in zip(pictures, answer["pictures"]):
        logits, offsets = model(augment.network_input(picture, model, size))
        found = boxes.suppress(boxes.decode(boxes.default_boxes(), offsets)[0], logits.softmax(2)[0])
        scale = np.array([picture.width, picture.height] * 2)
        expected = [(s, c + 1, np.array(box) * scale) for s, c, box in found if s >= SCORE - 2 * PROBABILITY]
        got = [(d["score"], d["index"], np.array([d["box"][k] for k in ("xmin", "ymin", "xmax", "ymax")])) for d in told["detections"]]
        count += sum(s >= SCORE for s, _, _ in expected)
        # Either way: each detection of one side has its like on the other.
        for ours, theirs in ((expected, got), (got, expected)):
            for s, c, box in ours:
                if s < SCORE:
                    continue
                like = [(float(np.abs(box - b).max()), abs(s - t)) for t, k, b in theirs if k == c and abs(s - t) <= PROBABILITY]
                nearest = min(like, default=(np.inf, np.inf))
                if nearest[0] > PIXELS:
                    unmatched += 1
                else:
                    place, score = max(place, nearest[0]), max(score, nearest[1])
    print(
        f"detector    {count} boxes, {unmatched} without their like; largest difference of a coordinate {place:.1e} px "
        f"(at most {PIXELS:g}), of a score {score:.1e} (at most {PROBABILITY:g})"
    )
    return answer["adapter"], unmatched == 0 and count > 0


def compare_segmenter(model, size, files, pictures, labels, backend):
    shares, pixels, different = [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        answer = fovea("segment", files, "--mask", folder, *backend)
        for picture, told in zip(pictures, answer["pictures"]):
            got = np.asarray(Image.open(told["mask"]))
            logits = model(augment.network_input(picture, model, size))
            expected = F.interpolate(logits, got.shape, mode="bilinear", align_corners=False)[0].argmax(0).numpy()
            shares.append(float((got == expected).mean()))
            pixels += got.size
            different += int((got != expected).sum())
    print(f"segmenter   {different} of {pixels} pixels differ; of the worst picture {min(shares):.4%} are equal (at least {EQUAL:.1%})")
    return answer["adapter"], min(shares) >= EQUAL


COMPARE = {"classifier": compare_classifier, "detector": compare_detector, "segmenter": compare_segmenter}


@torch.no_grad()
def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", required=True, help="folder that holds annotations.json")
    p.add_argument("--weights", default=os.path.join(ROOT, "weights"), help="folder of NAME.safetensors")
    p.add_argument("--split", default="val")
    p.add_argument("--count", type=int, default=20, help="pictures, spread evenly over those with a mask")
    p.add_argument("--only", choices=export.NAMES)
    p.add_argument("--backend", choices=("gpu", "cpu"), default="gpu")
    a = p.parse_args()
    photos = Photos(os.path.abspath(a.data), cache=None)
    wanted = photos.indices(a.split, lambda e: "mask" in e)
    chosen = [wanted[k * len(wanted) // a.count] for k in range(a.count)]
    files = [os.path.join(photos.folder, photos.images[i]["file"]) for i in chosen]
    pictures = [photos.open(i) for i in chosen]
    good = True
    for name in [a.only] if a.only else export.NAMES:
        path = os.path.abspath(os.path.join(a.weights, name + ".safetensors"))
        model, _, size = export.load(path, photos)
        labels = photos.labels if name == "classifier" else ["background", *photos.classes]
        adapter, passed = COMPARE[name](model, size, files, pictures, labels, ["--model", path, "--backend", a.backend])
        good &= passed
    print(f"{len(files)} pictures of {a.split}, {a.backend}: {adapter}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
