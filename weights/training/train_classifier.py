"""Trains the classifier from scratch: python3 train_classifier.py --data DIR --out DIR [--resume]"""

import numpy as np
import torch

import augment
import loop
import settings
from data import Photos
from evaluate import classifier_scores
from models import Classifier

S = settings.CLASSIFIER


def main():
    args = loop.arguments(__doc__)
    loop.seed(settings.SEED)
    photos = Photos(args.data, args.out + "/cache")
    train = photos.indices("train", lambda e: e["label"] is not None or e.get("background"))
    classes = len(photos.labels)

    # Background pictures are taught an even distribution: nothing known should score high.
    targets = torch.full((len(train), classes), 1 / classes)
    gentle = torch.full((len(train),), S["crop_area"][0])
    counts = {}
    for i in train:
        counts[photos.images[i]["label"]] = counts.get(photos.images[i]["label"], 0) + 1
    weight = np.zeros(len(train))
    for row, i in enumerate(train):
        label = photos.images[i]["label"]
        weight[row] = counts[label] ** (S["balance"] - 1)
        if label is not None:
            k = photos.labels.index(label)
            targets[row] = S["label_smoothing"] / classes
            targets[row, k] += 1 - S["label_smoothing"]
            gentle[row] = S["gentle_labels"].get(label, S["crop_area"][0])
    weight = weight / weight.sum() * len(train)

    @torch.no_grad()
    def batch(pixels, rows, size):
        x = augment.to_float(pixels[rows], args.device)
        theta = augment.random_affine(len(rows), (gentle[rows], S["crop_area"][1]), S["rotation"])
        x = augment.colour(augment.sample(x, theta, size))
        x, y = augment.mix(augment.normalise(x), targets[rows].to(args.device), S["cutmix"], S["mixup"])
        return x.contiguous(memory_format=torch.channels_last), y

    per_epoch = len(train) // S["batch"]
    t = loop.Training("classifier", Classifier(classes), S, args, per_epoch)
    cache_of = {size: cache for _, size, cache in S["phases"]}
    pixels, cached = None, None
    while t.epoch < len(t.sizes):
        size = t.size
        if cached != cache_of[size]:
            cached = cache_of[size]
            pixels = photos.squashed(cached)[train]
        loop.seed(settings.SEED + t.epoch)
        # Every picture appears floor(w) or ceil(w) times (systematic sampling).
        edges = np.floor(np.cumsum(weight) + np.random.rand()).astype(int)
        order = np.random.permutation(np.repeat(np.arange(len(train)), np.diff(edges, prepend=0).clip(0)))
        t.model.train()
        for b in range(per_epoch):
            rows = order[b * S["batch"] : (b + 1) * S["batch"]]
            if len(rows) < S["batch"]:
                rows = np.concatenate([rows, order[: S["batch"] - len(rows)]])
            x, y = batch(pixels, rows, size)
            with loop.autocast(args.device):
                logits = t.model(x)
            t.step(-(y * logits.float().log_softmax(1)).sum(1).mean())
            if t.step_number % 100 == 0:
                t.report(f"size {size}")
        t.epoch += 1
        t.save()
        if t.epoch % 8 == 0 or t.epoch == len(t.sizes):
            t.report(f"val {classifier_scores(t.ema, photos, size, args.device)}")
    pixels = photos.squashed(S["phases"][-1][2])[train]
    likely = weight / weight.sum()
    t.settle(lambda: batch(pixels, np.random.choice(len(train), S["batch"], p=likely), S["input_size"])[0])
    print(f"settled: val {classifier_scores(t.ema, photos, S['input_size'], args.device)}", flush=True)


if __name__ == "__main__":
    main()
