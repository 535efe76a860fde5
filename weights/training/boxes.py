"""Default boxes of the SSD paper (Liu et al. 2016, section 2.2): making, matching, coding, suppressing."""

import math

import torch

import settings


def default_boxes(spec=settings.DEFAULT_BOXES):
    """[B, 4] (cx, cy, w, h) in 0…1, ordered by feature map, row, column, box.

    Each cell has a square of scale s_k, one of sqrt(s_k s_k+1), and for each
    aspect ratio r boxes of s_k sqrt(r) by s_k / sqrt(r) and the other way round.
    """
    out = []
    for k, size in enumerate(spec["featureMaps"]):
        s, following = spec["scales"][k], spec["scales"][k + 1]
        shapes = [(s, s), (math.sqrt(s * following),) * 2]
        for r in spec["aspectRatios"][k]:
            shapes += [(s * math.sqrt(r), s / math.sqrt(r)), (s / math.sqrt(r), s * math.sqrt(r))]
        for y in range(size):
            for x in range(size):
                out += [((x + 0.5) / size, (y + 0.5) / size, w, h) for w, h in shapes]
    return torch.tensor(out, dtype=torch.float32)


def for_input(size):
    """The settings with the feature maps of another input size (a multiple of 32)."""
    maps = [size // 8, size // 16, size // 32, (size // 32 + 1) // 2]
    return {**settings.DEFAULT_BOXES, "featureMaps": maps}


def corners(boxes):
    return torch.cat([boxes[..., :2] - boxes[..., 2:] / 2, boxes[..., :2] + boxes[..., 2:] / 2], -1)


def iou(a, b):
    """[A, 4] and [B, 4] corners -> [A, B]."""
    low = torch.maximum(a[:, None, :2], b[None, :, :2])
    high = torch.minimum(a[:, None, 2:], b[None, :, 2:])
    inter = (high - low).clamp(min=0).prod(2)
    area = lambda x: (x[:, 2:] - x[:, :2]).prod(1)
    return inter / (area(a)[:, None] + area(b)[None] - inter).clamp(min=1e-9)


def generalised_iou(a, b):
    """[A, 4] and [A, 4] corners -> [A]: IoU less the share of the hull that neither covers (Rezatofighi et al. 2019)."""
    inter = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(1).clamp(min=1e-9)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - inter
    return inter / union.clamp(min=1e-9) - (hull - union) / hull


def match(defaults, truth, classes, threshold=0.5, doubtful=0.4, hopeless=0.2):
    """Class of every default box (0 background, -1 not to be judged) and its offsets to the matched truth.

    Every true box takes its best default box, unless even that overlaps it too little, as with tiny things; further
    ones match above the threshold.
    """
    target = torch.zeros(len(defaults), dtype=torch.long)
    if len(truth) == 0:
        return target, torch.zeros(len(defaults), 4)
    overlap = iou(truth, corners(defaults))  # [T, B]
    best, which = overlap.max(0)
    nearest, forced = overlap.max(1)
    best[forced] = torch.where(nearest < hopeless, doubtful, 2.0)
    which[forced] = torch.arange(len(truth))
    target = torch.where(best >= threshold, classes[which] + 1, target)
    target[(best >= doubtful) & (best < threshold)] = -1
    return target, encode(defaults, truth[which])


def encode(defaults, truth, variances=settings.DEFAULT_BOXES["variances"]):
    centre = (truth[:, :2] + truth[:, 2:]) / 2
    size = (truth[:, 2:] - truth[:, :2]).clamp(min=1e-4)
    return torch.cat(
        [(centre - defaults[:, :2]) / defaults[:, 2:] / variances[0], (size / defaults[:, 2:]).log() / variances[1]], 1
    )


def decode(defaults, offsets, variances=settings.DEFAULT_BOXES["variances"]):
    """Offsets [..., B, 4] -> corners in 0…1."""
    centre = defaults[:, :2] + offsets[..., :2] * variances[0] * defaults[:, 2:]
    size = defaults[:, 2:] * (offsets[..., 2:] * variances[1]).exp()
    return corners(torch.cat([centre, size], -1))


def suppress(boxes, scores, settings_nms=settings.NMS):
    """Greedy non-maximum suppression for each class of one picture.

    boxes [B, 4], scores [B, 1 + classes] -> list of (score, class without background, box), best first.
    """
    found = []
    boxes = boxes.clamp(0, 1)
    for c in range(1, scores.shape[1]):
        above = (scores[:, c] > settings_nms["scoreThreshold"]).nonzero()[:, 0]
        above = above[scores[above, c].argsort(descending=True)][:400]
        b, s = boxes[above], scores[above, c]
        overlap = iou(b, b)
        alive = torch.ones(len(b), dtype=torch.bool)
        kept = 0
        for i in range(len(b)):
            if alive[i]:
                found.append((s[i].item(), c - 1, b[i].tolist()))
                alive &= overlap[i] <= settings_nms["iouThreshold"]
                kept += 1
                if kept == settings_nms["maxPerClass"]:
                    break
    return sorted(found, key=lambda f: -f[0])
