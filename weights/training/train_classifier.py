"""Trains the classifier: python3 train_classifier.py --data DIR --out OUT (--whole --init WEIGHTS | --teacher CLASSIFIER)

The whole classifier has all blocks and features of MobileNetV2, and the published one fewer. It starts with its teacher's,
and learns the teacher's answers to the same pictures in more pixels, a little by the labels (Hinton et al. 2015, "Distilling
the knowledge in a neural network").
"""

import numpy as np
import torch
from torch.nn import functional as F

import augment
import loop
import settings
from data import Photos
from evaluate import classifier_scores
from models import Classifier

S = settings.CLASSIFIER


def resized(x, size):
    """[N, 3, H, W] -> [N, 3, size, size], by a triangle filter as wide as the reduction."""
    x = F.interpolate(x, (size, size), mode="bilinear", align_corners=False, antialias=True)
    return x.contiguous(memory_format=torch.channels_last)


def main():
    args = loop.arguments(__doc__)
    s = {**S, **S["taught"]} if args.teacher else S
    final = S["whole_size"] if args.whole else S["input_size"]
    loop.seed(settings.SEED)
    photos = Photos(args.data, args.out + "/cache")
    train = photos.indices("train", lambda e: e["label"] is not None or e.get("background"))
    classes = len(photos.labels)

    # One class more than there are labels: none of them, which background pictures show.
    targets = torch.full((len(train), classes + 1), S["label_smoothing"] / (classes + 1))
    gentle = torch.full((len(train),), S["crop_area"][0])
    counts = {}
    for i in train:
        counts[photos.images[i]["label"]] = counts.get(photos.images[i]["label"], 0) + 1
    weight = np.zeros(len(train))
    for row, i in enumerate(train):
        label = photos.images[i]["label"]
        weight[row] = counts[label] ** (S["balance"] - 1) * (S["background"] if label is None else 1)
        targets[row, classes if label is None else photos.labels.index(label)] += 1 - S["label_smoothing"]
        if label is not None:
            gentle[row] = S["gentle_labels"].get(label, S["crop_area"][0])

    @torch.no_grad()
    def batch(pixels, rows, size):
        x = augment.to_float(pixels[rows], args.device)
        theta = augment.random_affine(len(rows), (gentle[rows], S["crop_area"][1]), S["rotation"])
        theta = augment.quarter_turns(theta, S["quarter_turns"])
        x = augment.colour(augment.sample(x, theta, size))
        x = augment.worn(augment.drawn(x, S["drawn"]), S["worn"])
        x, y = augment.mix(augment.normalise(x, Classifier), targets[rows].to(args.device), S["cutmix"], S["mixup"])
        return x.contiguous(memory_format=torch.channels_last), y

    pixels = photos.squashed(settings.CACHE)[train]
    # An epoch shows each picture about once; of few pictures, each more often.
    per_epoch = max(len(train) // S["batch"], S["least_steps"])

    def pictures(size=final):
        return batch(pixels, loop.systematic(weight, S["batch"]), size)[0]

    model = Classifier(classes, args.whole)
    loop.start_from(model, args.teacher or args.init, lambda: pictures(S["phases"][0][1]))
    teacher = loop.teacher(Classifier(classes, whole=True), args) if args.teacher else None
    t = loop.Training("classifier", model, s, args, per_epoch)
    while not t.done:
        size = t.size
        loop.seed(settings.SEED + t.epoch)
        order = loop.systematic(weight, per_epoch * S["batch"])
        t.model.train()
        for b in range(per_epoch):
            rows = order[b * S["batch"] : (b + 1) * S["batch"]]
            x, y = batch(pixels, rows, S["whole_size"] if teacher else size)
            with loop.autocast(args.device):
                if teacher:
                    with torch.no_grad():
                        y = s["teacher"] * teacher(x).float().softmax(1) + (1 - s["teacher"]) * y
                    x = resized(x, size)
                logits = t.model(x)
            t.step(-(y * logits.float().log_softmax(1)).sum(1).mean())
            if t.step_number % 100 == 0:
                t.report()
            if t.done:
                break
        t.epoch += 1
        t.save()
        if t.check_due():
            t.report(f"val {classifier_scores(t.ema, photos, final, args.device)}")
    t.settle(pictures)
    print(f"settled: val {classifier_scores(t.ema, photos, final, args.device)}", flush=True)


if __name__ == "__main__":
    main()
