"""What PyTorch answers to a picture made by a formula, for the tests to hold the engine to (parity.py does so with
photographs): one small JSON file for each network.

python3 fixtures.py --data DIR --weights .. --json ../../test/models/fixtures
"""

import argparse
import json
import os

import numpy as np
import torch

import augment
import boxes
import export
from data import Photos


def pattern(size):
    """uint8 [size, size, 3]: soft blobs and stripes in whole numbers only, so that every language makes the same."""
    y, x, c = np.meshgrid(np.arange(size), np.arange(size), np.arange(3), indexing="ij")
    blob = ((x - size // 2) ** 2 + (y - size // 3) ** 2) * (c + 2) // size
    return ((blob * 3 + (x * (c + 1) + y * 2) // 3) % 256).astype(np.uint8)


@torch.no_grad()
def answer(model, name, pixels):
    """pixels uint8 [N, S, S, 3] -> the outputs."""
    x = augment.normalise(augment.to_float(pixels), model).contiguous()
    if name == "classifier":
        return {"probabilities": model(x).softmax(1)[:, :-1]}
    if name == "segmenter":
        return {"logits": model(x)}
    logits, offsets = model(x)
    return {"scores": logits.softmax(2), "boxes": boxes.decode(boxes.default_boxes(), offsets).clamp(0, 1)}


def small(name, out):
    """The part of the answer that is worth keeping in a repository."""
    if name == "classifier":
        return {"probabilities": rounded(out["probabilities"][0])}
    if name == "segmenter":
        logits = out["logits"][0]
        # Every 16th pixel's class probabilities, and how many pixels each class has.
        probabilities = logits.softmax(0)[:, 8::16, 8::16]
        return {
            "probabilities": rounded(probabilities.permute(1, 2, 0).reshape(-1, logits.shape[0])),
            "pixels": logits.argmax(0).flatten().bincount(minlength=logits.shape[0]).tolist(),
        }
    scores, places = out["scores"][0], out["boxes"][0]
    found = boxes.suppress(places, scores)
    every = slice(None, None, 191)
    return {
        "defaultBoxes": rounded(boxes.default_boxes()[every]),
        "scores": rounded(scores[every]),
        "boxes": rounded(places[every]),
        "detections": [[*rounded(torch.tensor(box)), round(score, 6), c + 1] for score, c, box in found],
    }


def rounded(t):
    return json.loads(json.dumps(t.double().tolist()), parse_float=lambda s: round(float(s), 6))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", required=True, help="folder that holds annotations.json")
    p.add_argument("--weights", required=True, help="folder of NAME.safetensors")
    p.add_argument("--json", required=True, help="folder to write NAME.json into")
    p.add_argument("--only", choices=export.NAMES)
    a = p.parse_args()
    photos = Photos(a.data, cache=None)
    os.makedirs(a.json, exist_ok=True)
    for name in [a.only] if a.only else export.NAMES:
        model, _, size = export.load(os.path.join(a.weights, name + ".safetensors"), photos)
        document = {"size": size, **small(name, answer(model, name, pattern(size)[None]))}
        with open(os.path.join(a.json, name + ".json"), "w") as f:
            json.dump(document, f, separators=(",", ":"))
            f.write("\n")


if __name__ == "__main__":
    main()
