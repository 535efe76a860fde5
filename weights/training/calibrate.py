"""Makes scores mean what they say, by the pictures of val: python3 calibrate.py --data DIR --out OUT [--only NAME]

Writes OUT/NAME.json for export.py. The temperature (Guo et al. 2017) divides logits, so that things with a score of 0.8
are right eight times of ten. The threshold is the score from which the answers are as many as the things to find: there
precision equals recall. For detector and segmenter there is also what background's logit lacks, as composed scenes show
more things than pictures do.
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
import settings
from data import Photos

BACKGROUND = [n / 10 for n in range(-10, 11)]  # what may be added to background's logit
LACKING = np.arange(0, 4.1, 0.5).tolist()  # the same for the detector
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
    """By the boxes that are left after suppression: right is one that lies on a thing of its class, once for each thing.

    On pictures of background no box is right. The threshold is that of the pictures in which somebody looked for things.
    """
    wanted = photos.indices("val", lambda e: "objects" in e or e.get("background"))
    defaults = boxes.default_boxes(boxes.for_input(size))
    answers, things = [], 0
    for part, x in evaluate.batches(model, photos, wanted, size):
        logits, offsets = model(x)
        places = boxes.decode(defaults, offsets.float())
        for j, i in enumerate(part):
            e = photos.images[i]
            things += len(e.get("objects", []))
            answers.append((logits[j].half(), places[j], e))

    def judged(bias, t, least=settings.NMS["scoreThreshold"], background=True):
        """(score, right) of every box that is left after suppression and has that score at least."""
        out = []
        for logits, places, e in answers:
            if not background and "objects" not in e:
                continue
            logits = logits.float()
            logits[:, 0] += bias
            objects = e.get("objects", [])
            scale = torch.tensor([e["width"], e["height"]] * 2, dtype=torch.float32)
            truth = torch.tensor([o["box"] for o in objects], dtype=torch.float32).view(-1, 4) / scale
            classes = [photos.classes.index(o["class"]) for o in objects]
            taken = set()
            for score, c, box in boxes.suppress(places, (logits / t).softmax(1), {**settings.NMS, "scoreThreshold": least}):
                overlap = boxes.iou(torch.tensor([box]), truth)[0].tolist() if len(truth) else []
                like = [k for k, o in enumerate(overlap) if o >= 0.5 and classes[k] == c and k not in taken]
                taken.update(like[:1])
                out.append((score, bool(like)))
        return out

    def surprise(bias, t):
        # Of the same number of boxes at every setting: easy ones that a high temperature lets in prove nothing.
        best = sorted(judged(bias, t, 0.05), reverse=True)[: 2 * things]
        if not best:
            return float("inf")
        score, right = (torch.tensor(v, dtype=torch.float32) for v in zip(*best))
        return F.binary_cross_entropy(score.clamp(1e-4, 1 - 1e-4), right).item()

    # One after the other, as every try suppresses boxes anew.
    bias, t = 0.0, 1.0
    for _ in range(2):
        bias = min(LACKING, key=lambda b: surprise(b, t))
        t = min(TEMPERATURES[24:-12:7], key=lambda t: surprise(bias, t))
    return t, crossing([s for s, _ in judged(bias, t, background=False)], things), bias


@torch.no_grad()
def segmenter(model, photos, size):
    """By the pixels of the network's own resolution; the highest logit wins, so there is no threshold.

    What background's logit lacks is added to it first: as much as gives the highest intersection over union of
    foreground.
    """
    wanted = photos.indices("val", lambda e: "mask" in e)
    answers, both, either = [], np.zeros(len(BACKGROUND)), np.zeros(len(BACKGROUND))
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
            answers.append((logits[j : j + 1].half(), truth))
            lead = (logits[j, 1:].max(0).values - logits[j, 0])[truth[0] != 255]
            thing = truth[truth != 255] > 0
            for k, bias in enumerate(BACKGROUND):
                both[k] += ((lead > bias) & thing).sum().item()
                either[k] += ((lead > bias) | thing).sum().item()
    bias = BACKGROUND[int(np.argmax(both / np.maximum(either, 1)))]
    totals = np.zeros(len(TEMPERATURES))
    for logits, truth in answers:
        logits = logits.float()
        logits[:, 0] += bias
        for k, t in enumerate(TEMPERATURES):
            totals[k] += F.cross_entropy(logits / t, truth, ignore_index=255).nan_to_num().item()
    return TEMPERATURES[int(np.argmin(totals))], None, bias


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
        t, threshold, *bias = globals()[name](model, photos, size)
        found = {"temperature": t, "threshold": threshold, "background": bias[0] if bias else 0}
        with open(os.path.join(a.out, name + ".json"), "w") as f:
            json.dump(found, f)
        print(f"{name}: {json.dumps(found)}", flush=True)


if __name__ == "__main__":
    main()
