"""What PyTorch answers, for the engine to be held to.

--json DIR writes one small JSON file for each network: its answer to a picture made by a formula. --arrays DIR writes,
for 20 pictures of a split, the preprocessed input and the outputs as .npy (no picture of the data set is in them to
be published: keep them out of the repository).
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
    """pixels uint8 [N, S, S, 3] -> input and outputs as arrays."""
    x = augment.normalise(augment.to_float(pixels)).contiguous()
    if name == "classifier":
        return {"input": x, "probabilities": model(x).softmax(1)}
    if name == "segmenter":
        return {"input": x, "logits": model(x)}
    logits, offsets = model(x)
    return {
        "input": x, "scores": logits.softmax(2), "offsets": offsets,
        "boxes": boxes.decode(boxes.default_boxes(), offsets).clamp(0, 1),
    }  # fmt: skip


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
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--data", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--weights", required=True)
    p.add_argument("--json")
    p.add_argument("--arrays")
    p.add_argument("--split", default="val")
    p.add_argument("--count", type=int, default=20)
    a = p.parse_args()
    photos = Photos(a.data, a.out + "/cache")
    wanted = photos.indices(a.split, lambda e: "mask" in e)
    chosen = [wanted[k * len(wanted) // a.count] for k in range(a.count)]
    for name in export.NAMES:
        path = os.path.join(a.weights, name + ".safetensors")
        if not os.path.exists(path):
            continue
        model, name, size = export.load(path, photos)
        if a.json:
            os.makedirs(a.json, exist_ok=True)
            document = {"size": size, **small(name, answer(model, name, pattern(size)[None]))}
            with open(os.path.join(a.json, name + ".json"), "w") as f:
                json.dump(document, f, separators=(",", ":"))
                f.write("\n")
        if a.arrays:
            os.makedirs(a.arrays, exist_ok=True)
            files = [photos.images[i]["file"] for i in chosen]
            with open(os.path.join(a.arrays, "pictures.json"), "w") as f:
                json.dump(files, f)
            for key, value in answer(model, name, photos.squashed(size)[chosen]).items():
                np.save(os.path.join(a.arrays, f"{name}.{key}.npy"), value.numpy())


if __name__ == "__main__":
    main()
