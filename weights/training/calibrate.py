"""Makes scores mean what they say, by the pictures of val: python3 calibrate.py --data DIR --out OUT [--only NAME]

Writes OUT/NAME.json for export.py, with two numbers. The temperature (Guo et al. 2017) divides logits, so that things
with a score of 0.8 are right eight times of ten. The threshold is the score from which the answers are as many as the
things to find: there precision equals recall.
"""

import argparse
import json
import os

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

import boxes
import evaluate
import export
from data import Photos

TEMPERATURES = np.exp(np.linspace(np.log(0.4), np.log(2.5), 74)).tolist()


def crossing(scores, things):
    """The score of the last answer, best first, when there are as many answers as things."""
    ranked = sorted(scores, reverse=True)
    return ranked[min(things, len(ranked)) - 1] if ranked else 0.5


@torch.no_grad()
def classifier(model, photos, size):
    wanted = photos.indices("val", lambda e: e["label"] is not None or e.get("background"))
    none = len(photos.labels)
    labels = [photos.images[i]["label"] for i in wanted]
    truth = torch.tensor([none if label is None else photos.labels.index(label) for label in labels])
    logits = torch.cat([model(x).float() for _, x in evaluate.batches(model, photos, wanted, size)])
    t = min(TEMPERATURES, key=lambda t: F.cross_entropy(logits / t, truth).item())
    best = (logits / t).softmax(1)[:, :none].max(1).values
    return t, crossing(best.tolist(), int((truth != none).sum()))


@torch.no_grad()
def detector(model, photos, size):
    """By the boxes that are left after suppression: right is one that lies on a thing of its class, once for each thing."""
    wanted = photos.indices("val", lambda e: "objects" in e)
    defaults = boxes.default_boxes(boxes.for_input(size))
    answers, things = [], 0
    for part, x in evaluate.batches(model, photos, wanted, size):
        logits, offsets = model(x)
        places = boxes.decode(defaults, offsets.float())
        for j, i in enumerate(part):
            e = photos.images[i]
            things += len(e["objects"])
            answers.append((logits[j].float(), places[j], e))

    def judged(t):
        """(score, right) of every box that is left after suppression."""
        out = []
        for logits, places, e in answers:
            scale = torch.tensor([e["width"], e["height"]] * 2, dtype=torch.float32)
            truth = torch.tensor([o["box"] for o in e["objects"]], dtype=torch.float32).view(-1, 4) / scale
            classes = [photos.classes.index(o["class"]) for o in e["objects"]]
            taken = set()
            for score, c, box in boxes.suppress(places, (logits / t).softmax(1)):
                overlap = boxes.iou(torch.tensor([box]), truth)[0].tolist() if len(truth) else []
                like = [k for k, o in enumerate(overlap) if o >= 0.5 and classes[k] == c and k not in taken]
                taken.update(like[:1])
                out.append((score, bool(like)))
        return out

    def surprise(t):
        score, right = (torch.tensor(v, dtype=torch.float32) for v in zip(*[a for a in judged(t) if a[0] >= 0.05]))
        return F.binary_cross_entropy(score.clamp(1e-4, 1 - 1e-4), right).item()

    t = min(TEMPERATURES[::8], key=surprise)
    return t, crossing([s for s, _ in judged(t)], things)


@torch.no_grad()
def segmenter(model, photos, size):
    """By the pixels of the network's own resolution; the highest logit wins, so there is no threshold."""
    wanted = photos.indices("val", lambda e: "mask" in e)
    totals = np.zeros(len(TEMPERATURES))
    for part, x in evaluate.batches(model, photos, wanted, size):
        logits = model(x).float()
        for j, i in enumerate(part):
            e = photos.images[i]
            table = np.full(256, 255, np.uint8)
            table[0] = 0
            for n, o in enumerate(e["objects"], 1):
                table[n] = photos.classes.index(o["class"]) + 1
            mask = Image.open(os.path.join(photos.folder, e["mask"])).resize(logits.shape[3:1:-1], Image.NEAREST)
            truth = torch.as_tensor(table[np.asarray(mask)].astype(np.int64))[None]
            for k, t in enumerate(TEMPERATURES):
                totals[k] += F.cross_entropy(logits[j : j + 1] / t, truth, ignore_index=255).item()
    return TEMPERATURES[int(np.nanargmin(totals))], None


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", required=True, help="folder that holds annotations.json")
    p.add_argument("--out", required=True, help="folder with the checkpoints")
    p.add_argument("--only", choices=export.NAMES)
    p.add_argument("--threads", type=int, default=os.cpu_count())
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    photos = Photos(a.data, cache=None)
    for name in [a.only] if a.only else export.NAMES:
        model, size = export.trained(name, photos, a.out)
        t, threshold = globals()[name](model, photos, size)
        with open(os.path.join(a.out, name + ".json"), "w") as f:
            json.dump({"temperature": t, "threshold": threshold}, f)
        print(f"{name}: temperature {t:.3f}" + (f", threshold {threshold:.3f}" if threshold is not None else ""), flush=True)


if __name__ == "__main__":
    main()
