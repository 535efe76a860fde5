"""The figures of the model cards that evaluate.py does not print: python3 figures.py --data DIR --weights .. [--only NAME]

By source, at the threshold, on pictures of nothing known, by size, what was taken for what; one JSON object on each line.
"""

import argparse
import json
import os
from collections import Counter, defaultdict

import numpy as np
import torch

import boxes
import evaluate
import export
import safetensors_file
from data import Photos

BINS = 15


def tell(**figures):
    shorten = lambda v: round(v, 4) if isinstance(v, float) else {k: shorten(w) for k, w in v.items()} if isinstance(v, dict) else v
    print(json.dumps(shorten(figures)), flush=True)


def calibration_error(score, right):
    """How far scores are from the share that is right, in bins of equal width (Guo et al. 2017, section 2)."""
    score, right = np.asarray(score, float), np.asarray(right, float)
    which = np.minimum((score * BINS).astype(int), BINS - 1)
    gaps = np.bincount(which, score - right, BINS)
    return float(np.abs(gaps).sum() / max(len(score), 1))


def background(photos):
    return photos.indices("val", lambda e: e.get("background"))


@torch.no_grad()
def classifier(model, photos, size, threshold):
    wanted = photos.indices("val", lambda e: e["label"] is not None or e.get("background"))
    entries = [photos.images[i] for i in wanted]
    truth = np.array([-1 if e["label"] is None else photos.labels.index(e["label"]) for e in entries])
    scores = torch.cat([model(x).softmax(1)[:, :-1] for _, x in evaluate.batches(model, photos, wanted, size)]).numpy()
    best, answer, known = scores.max(1), scores.argmax(1), truth >= 0
    right = answer == truth
    for t in (threshold, 0.5):
        tell(threshold=t, answered=int((best >= t)[known].sum()), right=int((right & (best >= t)).sum()), background=int((best >= t)[~known].sum()))
    tell(meanTopScore=float(best[known].mean()), background=float(best[~known].mean()) if (~known).any() else 0.0)
    tell(calibrationError=calibration_error(best[known], right[known]))
    for source in sorted({e.get("source", "") for e in entries}):
        of_source = known & np.array([e.get("source", "") == source for e in entries])
        if of_source.any():
            tell(source=source, pictures=int(of_source.sum()), top1=float(right[of_source].mean()))
    mistaken = Counter((photos.labels[t], photos.labels[a]) for t, a in zip(truth[known], answer[known]) if t != a)
    tell(mistakes=[[*names, n] for names, n in mistaken.most_common(20)])


def side(box, e):
    """The square root of the share of the picture that a box covers."""
    return ((box[2] - box[0]) * (box[3] - box[1]) / e["width"] / e["height"]) ** 0.5


@torch.no_grad()
def detector(model, photos, size, threshold):
    found = evaluate.detections(model, photos, size)
    sources = defaultdict(dict)
    by_size, by_source, mistakes = defaultdict(lambda: [0, 0]), defaultdict(lambda: [0, 0]), Counter()
    judged, given, good = [], 0, 0
    for i, answers in found.items():
        e = photos.images[i]
        sources[e.get("source", "")][i] = answers
        truth = torch.tensor([o["box"] for o in e["objects"]], dtype=torch.float32).view(-1, 4)
        names = [o["class"] for o in e["objects"]]
        taken = set()
        for score, c, box in answers:
            overlap = boxes.iou(torch.tensor([box]), truth)[0].tolist() if names else []
            there = [k for k in np.argsort(overlap)[::-1].tolist() if overlap[k] >= 0.5]
            like = [k for k in there if names[k] == photos.classes[c] and k not in taken]
            if score >= 0.05:
                judged.append((score, bool(like)))
            if score >= threshold:
                given += 1
                good += bool(like)
                taken.update(like[:1])
                if not like:
                    mistakes[names[there[0]] if there else "nothing", photos.classes[c]] += 1
        for k, o in enumerate(e["objects"]):
            s = side(o["box"], e)
            for of, key in ((by_size, next(z for z in (0.4, 0.2, 0.1, 0) if s >= z)), (by_source, e.get("source", ""))):
                of[key][0] += k in taken
                of[key][1] += 1
    for source, of_source in sorted(sources.items()):
        scores = evaluate.scores_of_boxes(photos, of_source, coco=True)
        tell(source=source, pictures=len(of_source), map50=scores["map50"], map=scores["map"])
    tell(threshold=threshold, boxes=given, right=good, foundBySize=dict(sorted(by_size.items())), foundBySource=dict(by_source))
    tell(calibrationError=calibration_error(*zip(*judged)) if judged else 0.0)
    tell(mistakes=[[*names, n] for names, n in mistakes.most_common(20)])
    best = []
    for _, x in evaluate.batches(model, photos, background(photos), size):
        best += model(x)[0].softmax(2)[:, :, 1:].flatten(1).max(1).values.tolist()
    above = lambda t: int(sum(b >= t for b in best))
    if best:
        tell(background=len(best), meanTopScore=float(np.mean(best)), aboveThreshold=above(threshold), above=above(0.5))


@torch.no_grad()
def segmenter(model, photos, size, threshold):
    k = len(photos.classes) + 1
    names = ["background", *photos.classes]
    sources = defaultdict(lambda: np.zeros((k, k), int))
    pictures, single, score_sum, right_sum = Counter(), [], np.zeros(BINS), np.zeros(BINS)
    for i, logits, truth in evaluate.masks(model, photos, size):
        e = photos.images[i]
        best, answer = logits.softmax(0).max(0)
        answer, valid = answer.numpy(), truth != 255
        confusion = evaluate.count(truth, answer, k)
        sources[e.get("source", "")] += confusion
        pictures[e.get("source", "")] += 1
        if len(e["objects"]) == 1:
            single.append(confusion[1:, 1:].sum() / max(confusion.sum() - confusion[0, 0], 1))
        which = np.minimum((best.numpy()[valid] * BINS).astype(int), BINS - 1)
        score_sum += np.bincount(which, best.numpy()[valid], BINS)
        right_sum += np.bincount(which, (answer == truth)[valid], BINS)
    for source, confusion in sorted(sources.items()):
        scores = evaluate.scores_of_pixels(photos, confusion)
        tell(source=source, pictures=pictures[source], miou=scores["miou"], foregroundIou=scores["foregroundIou"])
    total = sum(sources.values(), np.zeros((k, k), int))
    fore = total[1:, 1:]
    tell(
        precision=float(fore.sum() / total[:, 1:].sum()), recall=float(fore.sum() / total[1:].sum()),
        wrongName=float(1 - np.trace(fore) / fore.sum()), marked=float(total[:, 1:].sum() / total.sum()),
    )  # fmt: skip
    tell(calibrationError=float(np.abs(score_sum - right_sum).sum() / total.sum()))
    single = np.array(single)
    tell(single=len(single), above05=int((single > 0.5).sum()), above08=int((single > 0.8).sum()))
    wrong = total / np.maximum(total.sum(1, keepdims=True), 1)
    np.fill_diagonal(wrong, 0)
    worst = [divmod(int(n), k) for n in np.argsort(-wrong, axis=None)[:20]]
    tell(mistakes=[[names[t], names[a], round(float(wrong[t, a]), 3)] for t, a in worst])
    marked = []
    for _, x in evaluate.batches(model, photos, background(photos), size):
        marked += (model(x).argmax(1) > 0).float().mean((1, 2)).tolist()
    if marked:
        tell(background=len(marked), marked=float(np.mean(marked)), median=float(np.median(marked)))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", required=True)
    p.add_argument("--weights", required=True)
    p.add_argument("--only", choices=export.NAMES)
    p.add_argument("--threads", type=int, default=os.cpu_count())
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    photos = Photos(a.data, cache=None)
    for name in [a.only] if a.only else export.NAMES:
        path = os.path.join(a.weights, name + ".safetensors")
        model, _, size = export.load(path, photos)
        threshold = json.loads(safetensors_file.read(path)[1].get("threshold", "0.5"))
        globals()[name](model.to(memory_format=torch.channels_last), photos, size, threshold)


if __name__ == "__main__":
    main()
