"""What the field's own post-processing makes of outputs: `python3 make.py` writes ../goldens/*.json.

Needs torch, torchvision, transformers. Outputs are random numbers of a small picture's grids. Rows of results are
xmin, ymin, xmax, ymax in 0..1, score, class, the best first.
"""

import json
import math
from pathlib import Path

import torch
from torch import nn
import compiled_nms  # noqa: F401
from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.ssd import SSD
from torchvision.ops import batched_nms, box_convert
from transformers import DetrImageProcessor, RTDetrImageProcessor, SegformerImageProcessor
from transformers.models.detr.modeling_detr import DetrObjectDetectionOutput
from transformers.models.rt_detr.modeling_rt_detr import RTDetrObjectDetectionOutput

FOLDER = Path(__file__).resolve().parent.parent / "goldens"
SIDE = 64
GRIDS = [(8, 8, 8), (4, 4, 16), (2, 2, 32)]
LEAST = 0.05


def numbers(tensor):
    return [float(f"{x:.6g}") for x in tensor.flatten().tolist()]


def rounded(tensor):
    """As the file has it, so that both sides compute with the same numbers."""
    return torch.tensor(numbers(tensor)).reshape(tensor.shape)


def write(name, outputs, **more):
    record = {"outputs": {k: {"shape": list(v.shape), "data": numbers(v)} for k, v in outputs.items()}, **more}
    (FOLDER / f"{name}.json").write_text(json.dumps(record) + "\n")


def detections(boxes, scores, classes, side=SIDE):
    order = scores.argsort(descending=True, stable=True)
    rows = torch.cat([boxes / side, scores[:, None], classes[:, None].float()], 1)[order]
    return [numbers(row) for row in rows]


def suppressed(boxes, scores, iou):
    """Ultralytics' and Megvii's: the best class of each box, suppression within classes."""
    best, classes = scores.max(1)
    kept = best > LEAST
    boxes, best, classes = boxes[kept], best[kept], classes[kept]
    keep = batched_nms(boxes, best, classes, iou)
    return detections(boxes[keep], best[keep], classes[keep])


def cells(shift=0.0):
    points, strides = [], []
    for height, width, stride in GRIDS:
        y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        points.append((torch.stack([x, y], -1).reshape(-1, 2) + shift) * stride)
        strides.append(torch.full((height * width, 1), float(stride)))
    return torch.cat(points), torch.cat(strides)


def random_boxes(count):
    centre = torch.rand(count, 2) * SIDE
    return torch.cat([centre, torch.rand(count, 2) * 24 + 4], 1)


def yolov8():
    boxes = rounded(random_boxes(84))
    scores = rounded(torch.rand(84, 3) ** 3)
    write("yolov8", {"output0": torch.cat([boxes, scores], 1).T[None]}, labels=3,
          rows=suppressed(box_convert(boxes, "cxcywh", "xyxy"), scores, 0.7))


def yolov5():
    boxes, objectness = rounded(random_boxes(252)), rounded(torch.rand(252, 1) ** 4)
    scores = rounded(torch.rand(252, 4) ** 2)
    write("yolov5", {"output": torch.cat([boxes, objectness, scores], 1)[None]}, labels=4,
          rows=suppressed(box_convert(boxes, "cxcywh", "xyxy"), scores * objectness, 0.45))


def yolov5_grids():
    """Detect.forward of YOLOv5 and v7, by its anchors."""
    anchors = {
        "yolov5": [[(10, 13), (16, 30), (33, 23)], [(30, 61), (62, 45), (59, 119)], [(116, 90), (156, 198), (373, 326)]],
        "yolov7": [[(12, 16), (19, 36), (40, 28)], [(36, 75), (76, 55), (72, 146)], [(142, 110), (192, 243), (459, 401)]],
    }
    for name, shapes in anchors.items():
        outputs, boxes, scores = {}, [], []
        for k, (height, width, stride) in enumerate(GRIDS):
            raw = torch.randn(1, 3, height, width, 7)
            raw[..., 4] -= 2
            raw = rounded(raw)
            outputs[f"grid{k}"] = raw
            y = raw.sigmoid()
            row, column = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
            grid = torch.stack([column, row], -1)[None, None]
            anchor = torch.tensor(shapes[k]).reshape(1, 3, 1, 1, 2)
            centre = (y[..., 0:2] * 2 - 0.5 + grid) * stride
            size = (y[..., 2:4] * 2) ** 2 * anchor
            boxes.append(torch.cat([centre, size], -1).reshape(-1, 4))
            scores.append((y[..., 5:] * y[..., 4:5]).reshape(-1, 2))
        write(f"{name}-grids", outputs, labels=2,
              rows=suppressed(box_convert(torch.cat(boxes), "cxcywh", "xyxy"), torch.cat(scores), 0.45))


def yolox():
    """YOLOXHead.decode_outputs and postprocess."""
    raw = rounded(torch.cat([torch.randn(84, 2) * 0.5, torch.randn(84, 2) * 0.4 + 0.5], 1))
    objectness, scores = rounded(torch.rand(84, 1)), rounded(torch.rand(84, 3) ** 2)
    points, strides = cells()
    boxes = torch.cat([raw[:, :2] * strides + points, raw[:, 2:].exp() * strides], 1)
    write("yolox", {"output": torch.cat([raw, objectness, scores], 1)[None]}, labels=3,
          rows=suppressed(box_convert(boxes, "cxcywh", "xyxy"), scores * objectness, 0.45))


def nanodet():
    """NanoDetPlusHead.get_bboxes and multiclass_nms: every class of a box on its own."""
    scores, raw = rounded(torch.rand(84, 3) ** 4), rounded(torch.randn(84, 32) * 2)
    points, strides = cells()
    sides = (raw.reshape(84, 4, 8).softmax(-1) * torch.arange(8.0)).sum(-1) * strides
    boxes = torch.cat([points - sides[:, :2], points + sides[:, 2:]], 1)
    box, label = (scores > LEAST).nonzero(as_tuple=True)
    keep = batched_nms(boxes[box], scores[box, label], label, 0.6)
    write("nanodet", {"output": torch.cat([scores, raw], 1)[None]}, labels=3,
          rows=detections(boxes[box][keep], scores[box, label][keep], label[keep]))


def ssd():
    """torchvision's own decoding and suppression, on default boxes of a small picture."""
    generator = DefaultBoxGenerator([[2], [2, 3]], scales=[0.2, 0.5, 0.9])
    features = [torch.zeros(1, 1, 3, 3), torch.zeros(1, 1, 1, 1)]
    anchors = generator(ImageList(torch.zeros(1, 3, SIDE, SIDE), [(SIDE, SIDE)]), features)
    count = anchors[0].shape[0]
    head = nn.Identity()
    network = SSD(nn.Identity(), generator, (SIDE, SIDE), 4, head=head, score_thresh=LEAST, nms_thresh=0.45,
                  detections_per_img=1000, topk_candidates=1000)
    offsets, logits = rounded(torch.randn(1, count, 4)), rounded(torch.randn(1, count, 4) * 2)
    [result] = network.postprocess_detections({"bbox_regression": offsets, "cls_logits": logits}, anchors, [(SIDE, SIDE)])
    default = box_convert(anchors[0], "xyxy", "cxcywh") / SIDE
    write("ssd", {"bbox_regression": offsets, "cls_logits": logits},
          labels=3, defaultBoxes=numbers(default), clipped=True,
          rows=detections(result["boxes"], result["scores"], result["labels"]))


def default_boxes():
    """A row in 97 of the default boxes of torchvision's two published detectors."""
    record = {}
    for name, side, sizes, generator in [
        ("ssd300", 300, [38, 19, 10, 5, 3, 1], DefaultBoxGenerator(
            [[2], [2, 3], [2, 3], [2, 3], [2], [2]], scales=[0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05],
            steps=[8, 16, 32, 64, 100, 300])),
        ("ssdlite320", 320, [20, 10, 5, 3, 2, 1], DefaultBoxGenerator([[2, 3] for _ in range(6)], min_ratio=0.2, max_ratio=0.95)),
    ]:
        features = [torch.zeros(1, 1, size, size) for size in sizes]
        # The image list only tells the device and the size.
        [boxes] = generator(ImageList(torch.zeros(1, 3, side, side), [(side, side)]), features)
        centred = box_convert(boxes, "xyxy", "cxcywh") / side
        record[name] = {"side": side, "count": len(boxes), "every": 97, "boxes": numbers(centred[::97])}
    (FOLDER / "default-boxes.json").write_text(json.dumps(record) + "\n")


def queries():
    boxes = rounded(torch.cat([torch.rand(1, 20, 2), torch.rand(1, 20, 2) * 0.3 + 0.05], 2))
    logits = rounded(torch.randn(1, 20, 5) * 2)
    outputs = DetrObjectDetectionOutput(logits=logits, pred_boxes=boxes)
    [found] = DetrImageProcessor().post_process_object_detection(outputs, LEAST, [(SIDE, SIDE)])
    write("detr", {"logits": logits, "pred_boxes": boxes}, labels=4, config={"model_type": "detr"},
          rows=detections(found["boxes"], found["scores"], found["labels"]))
    outputs = RTDetrObjectDetectionOutput(logits=logits, pred_boxes=boxes)
    [found] = RTDetrImageProcessor().post_process_object_detection(outputs, LEAST, [(SIDE, SIDE)])
    write("rt-detr", {"logits": logits, "pred_boxes": boxes}, labels=5, config={"model_type": "rt_detr"},
          rows=detections(found["boxes"], found["scores"], found["labels"]))


def semantic():
    logits = rounded(torch.randn(1, 6, 16, 16))
    outputs = type("Outputs", (), {"logits": logits})()
    [found] = SegformerImageProcessor().post_process_semantic_segmentation(outputs, [(37, 53)])
    write("semantic", {"logits": logits}, labels=6, height=37, width=53, classes=found.flatten().tolist())


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for seed, make in enumerate([yolov8, yolov5, yolov5_grids, yolox, nanodet, ssd, default_boxes, queries, semantic]):
        torch.manual_seed(seed)
        make()
