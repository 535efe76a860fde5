"""Suppression among boxes that have one class each: torchvision's batched_nms."""

import sys
from pathlib import Path

import numpy as np
import torch
from golden import Goldens

sys.path.append(str(Path(__file__).parents[2] / "heads/make-goldens"))
import compiled_nms  # noqa: E402, F401
from torchvision.ops import batched_nms  # noqa: E402


def make():
    g = Goldens(seed=12)

    def add(name, classes, count, iou=0.5, least=0.3, most=300, corners=True):
        place = g.uniform(0, 4, 1, count, 2)
        size = g.uniform(0.3, 1.2, 1, count, 2)
        scores = g.uniform(0, 1, 1, 1, count)
        ids = g.integers(0, classes, 1, count)
        boxes = np.concatenate([place, place + size] if corners else [place + size / 2, size], 2)
        xyxy = torch.from_numpy(np.concatenate([place, place + size], 2)[0])
        kept = torch.from_numpy(np.flatnonzero(scores[0, 0] > least))
        chosen = batched_nms(xyxy[kept], torch.from_numpy(scores[0, 0])[kept], torch.from_numpy(ids[0])[kept], iou)
        found = kept[chosen].numpy()[:most]
        rows = min(most, count)
        indices = np.full((rows, 3), -1, np.int32)
        detections = np.zeros((rows, 6), np.float32)
        for row, box in enumerate(found):
            indices[row] = [0, ids[0, box], box]
            detections[row] = [*xyxy[box], scores[0, 0, box], ids[0, box]]
        attributes = {
            "scoreLayout": "class-first",
            "boxFormat": "corners" if corners else "center",
            "firstClass": 0,
            "iouThreshold": iou,
            "scoreThreshold": least,
            "maxPerClass": most,
        }
        count_of = np.array([len(found)], np.int32)
        g.add(name, "non-maximum-suppression", attributes, [boxes, scores, ids], [indices, detections, count_of])

    add("one class a box", 5, 200)
    add("one class a box, few of them wanted", 3, 150, most=20)
    add("one class in all", 1, 90, iou=0.3)
    add("one class a box, hardly an overlap allowed", 80, 300, iou=0.05, least=0.05)
    return g
