"""Metrics on a split, for one forward pass of a network, no test-time augmentation.

python3 evaluate.py --data DIR --weights .. --split val
"""

import argparse
import json
import os

import numpy as np
import torch
from PIL import Image

import augment
import boxes
import export
from data import Photos


def batches(model, photos, indices, size, device="cpu", count=32):
    """Part of `indices` after part, with those pictures as the network's input."""
    for b in range(0, len(indices), count):
        part = indices[b : b + count]
        x = torch.cat([augment.network_input(photos.open(i), model, size) for i in part])
        yield part, x.to(device).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def classifier_scores(model, photos, size, device="cpu", split="val", per_class=False):
    """top-1, top-5, n, and the mean top score on labelled pictures and on those of background, if there are any."""
    wanted = photos.indices(split, lambda e: e["label"] is not None or e.get("background"))
    labels = [photos.images[i]["label"] for i in wanted]
    truth = torch.tensor([-1 if l is None else photos.labels.index(l) for l in labels])
    scores = torch.cat([model(x).float().softmax(1)[:, :-1].cpu() for _, x in batches(model, photos, wanted, size, device)])
    known = truth >= 0
    top = scores[known].topk(min(5, scores.shape[1]), 1).indices == truth[known, None]
    best = scores.max(1).values
    result = {
        "top1": round(top[:, 0].float().mean().item(), 4),
        "top5": round(top.any(1).float().mean().item(), 4),
        "n": int(known.sum()),
        "meanTopScore": round(best[known].mean().item(), 4),
    }
    if not known.all():
        result["meanTopScoreBackground"] = round(best[~known].mean().item(), 4)
        result["backgroundAbove0.5"] = round((best[~known] > 0.5).float().mean().item(), 4)
    if per_class:
        right = scores.argmax(1) == truth
        result["perClass"] = {
            name: [int((right & (truth == k)).sum()), int((truth == k).sum())] for k, name in enumerate(photos.labels)
        }
    return result


@torch.no_grad()
def detections(model, photos, size, device="cpu", split="val", every=1):
    """Per picture in which somebody looked for objects: its index and [(score, class, box in pixels)]."""
    wanted = photos.indices(split, lambda e: "objects" in e)[::every]
    defaults = boxes.default_boxes(boxes.for_input(size))
    found = {}
    for part, x in batches(model, photos, wanted, size, device):
        logits, offsets = model(x)
        scores, places = logits.float().softmax(2).cpu(), boxes.decode(defaults, offsets.float().cpu())
        for j, i in enumerate(part):
            scale = torch.tensor([photos.images[i]["width"], photos.images[i]["height"]] * 2, dtype=torch.float32)
            found[i] = [(s, c, (torch.tensor(p) * scale).tolist()) for s, c, p in boxes.suppress(places[j], scores[j])]
    return found


def average_precision(found, truth, threshold):
    """PASCAL VOC's all-points average precision of one class.

    found: [(score, picture, box)]; truth: picture -> boxes. Each true box is
    found once, by the best-scored detection that overlaps it enough.
    """
    total = sum(len(t) for t in truth.values())
    taken = {i: np.zeros(len(t), bool) for i, t in truth.items()}
    hits = []
    for _, i, box in sorted(found, key=lambda f: -f[0]):
        hit = False
        if len(truth.get(i, ())):
            t = np.asarray(truth[i])
            low, high = np.maximum(t[:, :2], box[:2]), np.minimum(t[:, 2:], box[2:])
            inter = np.clip(high - low, 0, None).prod(1)
            union = (t[:, 2:] - t[:, :2]).prod(1) + (box[2] - box[0]) * (box[3] - box[1]) - inter
            overlap = inter / np.maximum(union, 1e-9)
            best = overlap.argmax()
            if overlap[best] >= threshold and not taken[i][best]:
                taken[i][best] = hit = True
        hits.append(hit)
    hits = np.array(hits, bool)
    recall = np.concatenate([[0], hits.cumsum() / total, [1]])
    precision = np.concatenate([[0], hits.cumsum() / np.arange(1, len(hits) + 1), [0]])
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(((recall[1:] - recall[:-1]) * precision[1:]).sum())


def detector_scores(model, photos, size, device="cpu", split="val", coco=False, every=1):
    """map50 over the classes present, per class; with `coco` also `map`, the mean over thresholds 0.50:0.95."""
    return scores_of_boxes(photos, detections(model, photos, size, device, split, every), coco)


def scores_of_boxes(photos, found, coco=False):
    per_class, means = {}, []
    for k, name in enumerate(photos.classes):
        truth = {i: [o["box"] for o in photos.images[i]["objects"] if o["class"] == name] for i in found}
        if not any(truth.values()):
            continue
        mine = [(s, i, box) for i, fs in found.items() for s, c, box in fs if c == k]
        per_class[name] = average_precision(mine, truth, 0.5)
        if coco:
            means.append(np.mean([average_precision(mine, truth, t) for t in np.arange(0.5, 0.96, 0.05)]))
    scores = {
        "map50": float(np.mean(list(per_class.values()))),
        "n": len(found),
        "perClass": {name: round(value, 3) for name, value in per_class.items()},
    }
    if coco:
        scores["map"] = float(np.mean(means))
    return scores


@torch.no_grad()
def masks(model, photos, size, device="cpu", split="val", every=1):
    """Per picture with a mask: its index, the logits at its own size, the classes of its pixels (255 unknown).

    Logits are resized bilinearly to the picture.
    """
    wanted = photos.indices(split, lambda e: "mask" in e)[::every]
    for part, x in batches(model, photos, wanted, size, device):
        logits = model(x).float().cpu()
        for j, i in enumerate(part):
            e = photos.images[i]
            table = np.full(256, 255, np.uint8)
            table[0] = 0
            for n, o in enumerate(e["objects"], 1):
                table[n] = photos.classes.index(o["class"]) + 1
            truth = table[np.asarray(Image.open(os.path.join(photos.folder, e["mask"])))]
            full = torch.nn.functional.interpolate(logits[j : j + 1], truth.shape, mode="bilinear", align_corners=False)
            yield i, full[0], truth


def count(truth, answer, classes):
    """How many pixels of each class [truth, answer] have each answer; 255 does not count."""
    valid = truth != 255
    pairs = truth[valid].astype(int) * classes + answer[valid]
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def segmenter_scores(model, photos, size, device="cpu", split="val", every=1):
    """mIoU over the classes present in the truth (background one of them), at each picture's own size, 255 ignored.

    The highest logit wins. foregroundIou: background against the rest.
    """
    k = len(photos.classes) + 1
    answers = masks(model, photos, size, device, split, every)
    confusion = sum((count(t, p.argmax(0).numpy(), k) for _, p, t in answers), np.zeros((k, k), int))
    n = len(photos.indices(split, lambda e: "mask" in e)[::every])
    return {**scores_of_pixels(photos, confusion), "n": n}


def scores_of_pixels(photos, confusion):
    hit, union = np.diag(confusion), confusion.sum(0) + confusion.sum(1) - np.diag(confusion)
    present = confusion.sum(1) > 0
    iou = hit / np.maximum(union, 1)
    fore = confusion[1:, 1:].sum()
    return {
        "miou": float(iou[present].mean()),
        "foregroundIou": float(fore / (confusion.sum() - confusion[0, 0])),
        "pixelAccuracy": float(hit.sum() / confusion.sum()),
        "perClass": {n: round(float(v), 3) for n, v, p in zip(["background", *photos.classes], iou, present) if p},
    }


def main():
    p = argparse.ArgumentParser(description="Metrics of exported networks on a split.")
    p.add_argument("--data", required=True)
    p.add_argument("--weights", required=True)
    p.add_argument("--split", default="val")
    p.add_argument("--only", choices=export.NAMES)
    p.add_argument("--size", type=int, help="another input size than the file's")
    p.add_argument("--threads", type=int, default=os.cpu_count())
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    photos = Photos(a.data, cache=None)
    for name in [a.only] if a.only else export.NAMES:
        model, _, size = export.load(os.path.join(a.weights, name + ".safetensors"), photos)
        model = model.to(memory_format=torch.channels_last)
        size = a.size or size
        if name == "classifier":
            scores = classifier_scores(model, photos, size, split=a.split, per_class=True)
        elif name == "detector":
            scores = detector_scores(model, photos, size, split=a.split, coco=True)
        else:
            scores = segmenter_scores(model, photos, size, split=a.split)
        print(json.dumps({"network": name, "size": size, **scores}))


if __name__ == "__main__":
    main()
