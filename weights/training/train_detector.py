"""Trains the detector: python3 train_detector.py --data DIR --out OUT (--whole --init CLASSIFIER | --teacher DETECTOR)

The whole detector has all blocks of MobileNetV2, and the published one fewer. It starts with its teacher's, and learns from
the teacher's answers beside the truth (Hinton et al. 2015, "Distilling the knowledge in a neural network").
"""

import torch
from torch.nn import functional as F

import boxes
import loop
import settings
from data import Photos
from evaluate import detector_scores
from models import DETECTOR_SIZE, Detector
from scenes import Scenes

S = settings.DETECTOR


CHECK = 3  # every so manyth picture of val is measured while training


def multibox_loss(logits, offsets, target, wanted, defaults):
    """Cross-entropy over matched and the hardest unmatched default boxes; smooth L1 and overlap of matched ones."""
    logits, offsets = logits.float(), offsets.float()
    positive = target > 0
    cost = F.cross_entropy(logits.flatten(0, 1), target.clamp(min=0).flatten(), reduction="none").view_as(target)
    background = torch.where(target == 0, cost.detach(), torch.full_like(cost, -1))
    count = (positive.sum(1) * S["negatives"]).clamp(min=24)
    rank = background.argsort(1, descending=True).argsort(1)
    chosen = positive | ((rank < count[:, None]) & (target == 0))
    matched = positive.sum().clamp(min=1)
    place = F.smooth_l1_loss(offsets[positive], wanted[positive], reduction="sum")
    of = defaults.to(offsets).expand(len(offsets), -1, -1)[positive]
    apart = 1 - boxes.generalised_iou(boxes.decode(of, offsets[positive]), boxes.decode(of, wanted[positive]))
    return (cost[chosen].sum() + place + S["overlap"] * apart.sum()) / matched


def taught_loss(logits, offsets, of_teacher):
    """Cross-entropy with the teacher's scores, and smooth L1 to its offsets as far as it holds a box to be a thing."""
    scores = of_teacher[0].float().softmax(2)
    thing = 1 - scores[:, :, 0]
    cost = -(scores * logits.float().log_softmax(2)).sum(2)
    place = F.smooth_l1_loss(offsets.float(), of_teacher[1].float(), reduction="none").sum(2)
    return (cost + thing * place).sum() / thing.sum().clamp(min=1)


def main():
    args = loop.arguments(__doc__)
    s = {**S, **S["taught"]} if args.teacher else S
    loop.seed(settings.SEED)
    photos = Photos(args.data, args.out + "/cache")
    scenes = Scenes(photos, need_masks=False)
    model = Detector(len(photos.classes), args.whole)
    loop.start_from(model, args.teacher or args.init)
    teacher = loop.teacher(Detector(len(photos.classes), whole=True), args) if args.teacher else None
    steps = S["short_steps" if args.short else "steps"]
    t = loop.Training("detector", model, s, args, steps)
    while not t.done:
        size = t.size
        loop.seed(settings.SEED + t.epoch)
        defaults = boxes.default_boxes(boxes.for_input(size))
        order = scenes.epoch(steps * S["batch"])
        t.model.train()
        for b in range(steps):
            with torch.no_grad():
                x, _, truth = scenes.batch(order[b * S["batch"] : (b + 1) * S["batch"]], size)
                matches = [boxes.match(defaults, *of_picture) for of_picture in truth]
                target = torch.stack([m[0] for m in matches]).to(t.device)
                wanted = torch.stack([m[1] for m in matches]).to(t.device)
            x = x.to(t.device)
            with loop.autocast(args.device):
                logits, offsets = t.model(x)
                with torch.no_grad():
                    of_teacher = teacher(x) if teacher else None
            loss = multibox_loss(logits, offsets, target, wanted, defaults)
            if teacher:
                loss = loss + s["teacher"] * taught_loss(logits, offsets, of_teacher)
            t.step(loss)
            if t.step_number % 32 == 0:
                t.report()
            if t.done:
                break
        t.epoch += 1
        t.save()
        if t.check_due():
            scores = detector_scores(t.ema, photos, size, args.device, every=CHECK)
            t.report(f"part of val map50 {scores['map50']:.4f} {scores['perClass']}")
    t.settle(lambda: scenes.batch(scenes.epoch(S["batch"]), DETECTOR_SIZE)[0])
    print(f"settled: val {detector_scores(t.ema, photos, DETECTOR_SIZE, args.device, coco=True)}", flush=True)


if __name__ == "__main__":
    main()
