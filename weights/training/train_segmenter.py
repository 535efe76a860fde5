"""Trains the segmenter: python3 train_segmenter.py --data DIR --out OUT (--whole --init CLASSIFIER | --teacher SEGMENTER)

The whole segmenter has all blocks and features of MobileNetV2, and the published one fewer. It starts with its teacher's,
and learns from the teacher's answers beside the truth (Hinton et al. 2015, "Distilling the knowledge in a neural network").
"""

import torch
from torch.nn import functional as F

import loop
import settings
from data import Photos
from evaluate import segmenter_scores
from models import SEGMENTER_SIZE, Segmenter
from names import name_of
from scenes import Scenes


S = settings.SEGMENTER
CHECK = 3  # every so manyth picture of val is measured while training


@torch.no_grad()
def names_of_classifier(model, path, photos):
    """Gives `coarse` what a classifier knows of the same things: the rows of its last layer."""
    state = loop.weights(path) if path else {}
    if "head.bias" not in state or state["head.weight"].ndim != 2:
        return
    rows = {name_of(label): k for k, label in enumerate(photos.labels)}
    for k, name in enumerate(photos.classes, 1):
        if name_of(name) in rows:
            model.coarse.weight[k, :, 0, 0] = state["head.weight"][rows[name_of(name)]].float()
            model.coarse.bias[k] = state["head.bias"][rows[name_of(name)]].float()


def dice_loss(logits, mask):
    """1 - Dice of each class present in the batch; pixels of 255 do not count."""
    valid = (mask != 255).float()
    present = torch.zeros(logits.shape[1], dtype=torch.bool, device=mask.device)
    present[mask[mask != 255].unique()] = True
    p = logits.softmax(1) * valid[:, None]
    truth = F.one_hot(torch.where(mask == 255, 0, mask), logits.shape[1]).permute(0, 3, 1, 2) * valid[:, None]
    both, total = (p * truth).sum((0, 2, 3)), (p + truth).sum((0, 2, 3))
    return (1 - (2 * both + 1) / (total + 1))[present].mean()


def edge_weight(mask, more, reach=2):
    """1 + `more` for pixels within `reach` of where foreground ends, 1 for all others: a thin outline is few pixels."""
    thing = ((mask > 0) & (mask != 255)).float()[:, None]
    widest = F.max_pool2d(thing, 2 * reach + 1, 1, reach)
    narrowest = -F.max_pool2d(-thing, 2 * reach + 1, 1, reach)
    return 1 + more * (widest - narrowest)[:, 0]


def foreground_loss(logits, mask, sharpness=4.0):
    """1 - intersection over union of the batch's foreground, whatever its classes; pixels of 255 do not count.

    The answer is the highest logit, so that a pixel is foreground when the highest of the other classes is above the
    background's: a smooth maximum of them against it is what the loss judges.
    """
    valid = mask != 255
    highest = (sharpness * logits[:, 1:]).logsumexp(1) / sharpness
    p = (highest - logits[:, 0]).sigmoid()[valid]
    truth = (mask[valid] > 0).float()
    both = (p * truth).sum()
    return 1 - (both + 1) / (p.sum() + truth.sum() - both + 1)


def taught_loss(logits, of_teacher):
    """Cross-entropy with the teacher's scores of every pixel."""
    return -(of_teacher.float().softmax(1) * logits.log_softmax(1)).sum(1).mean()


def main():
    args = loop.arguments(__doc__)
    s = {**S, **S["taught"]} if args.teacher else S
    final = S["whole_size"] if args.whole else SEGMENTER_SIZE
    loop.seed(settings.SEED)
    photos = Photos(args.data, args.out + "/cache")
    scenes = Scenes(photos, need_masks=True)
    model = Segmenter(len(photos.classes), args.whole)
    loop.start_from(model, args.teacher or args.init)
    teacher = loop.teacher(Segmenter(len(photos.classes), whole=True), args) if args.teacher else None
    names_of_classifier(model, args.init, photos)
    steps = S["short_steps" if args.short else "steps"]
    t = loop.Training("segmenter", model, s, args, steps)
    while not t.done:
        size = t.size
        loop.seed(settings.SEED + t.epoch)
        order = scenes.epoch(steps * S["batch"])
        t.model.train()
        for b in range(steps):
            with torch.no_grad():
                x, mask, _ = scenes.batch(order[b * S["batch"] : (b + 1) * S["batch"]], size)
                # The network answers at half the input's size. One pixel of each 2x2 is
                # its truth; which one changes, so that no side is favoured.
                top, left = torch.randint(0, 2, (2,)).tolist()
                mask = mask[:, top::2, left::2].to(t.device)
            x = x.to(t.device)
            with loop.autocast(args.device):
                logits = t.model(x)
                with torch.no_grad():
                    of_teacher = teacher(x, agrees=False) if teacher else None
            logits = logits.float()
            losses = F.cross_entropy(logits, mask, ignore_index=255, reduction="none")
            loss = (losses * edge_weight(mask, S["edges"])).mean()
            if t.progress > S["names_first"]:
                # Both feed whatever class is the likeliest, so that class has to be the right one first.
                loss = loss + S["dice"] * dice_loss(logits, mask) + S["foreground"] * foreground_loss(logits, mask)
            if teacher:
                loss = loss + s["teacher"] * taught_loss(logits, of_teacher)
            t.step(loss)
            if t.step_number % 32 == 0:
                t.report()
            if t.done:
                break
        t.epoch += 1
        t.save()
        if t.check_due():
            scores = segmenter_scores(t.ema, photos, final, args.device, every=CHECK)
            t.report(f"part of val miou {scores['miou']:.4f} foreground {scores['foregroundIou']:.4f} {scores['perClass']}")
    t.settle(lambda: scenes.batch(scenes.epoch(S["batch"]), final)[0])
    print(f"settled: val {segmenter_scores(t.ema, photos, final, args.device)}", flush=True)


if __name__ == "__main__":
    main()
