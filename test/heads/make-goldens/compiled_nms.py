"""Import before torchvision: gives it `nms` where its compiled part, which wants CUDA's libraries, does not load."""

import importlib.util
import sys
import types
from pathlib import Path

import torch

LIBRARY = torch.library.Library("torchvision", "FRAGMENT")


def nms(boxes, scores, iou_threshold):
    """Greedy suppression as torchvision's `nms_kernel.cpp` has it: what overlaps a better box by more is left out."""
    order = scores.argsort(descending=True, stable=True)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    while len(order) > 0:
        best, order = order[0], order[1:]
        kept.append(best)
        low = torch.maximum(boxes[best, :2], boxes[order, :2])
        high = torch.minimum(boxes[best, 2:], boxes[order, 2:])
        shared = (high - low).clamp(min=0).prod(1)
        order = order[shared / (area[best] + area[order] - shared) <= iou_threshold]
    return torch.stack(kept) if kept else torch.empty(0, dtype=torch.int64)


def loads() -> bool:
    path = importlib.util.find_spec("torchvision").submodule_search_locations[0]
    try:
        torch.ops.load_library(str(next(Path(path).glob("_C*.so"))))
        return True
    except OSError:
        return False


if not loads():
    # It would ask for kernels of every compiled operator.
    sys.modules["torchvision._meta_registrations"] = types.ModuleType("torchvision._meta_registrations")
    LIBRARY.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    LIBRARY.impl("nms", nms, "CPU")
    import torchvision.extension
    import torchvision.ops.boxes

    torchvision.ops.boxes._assert_has_ops = lambda: None
