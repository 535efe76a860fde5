"""What the field's own post-processing makes of outputs: `python3 make.py` writes ../goldens/*.json.

Needs torch, torchvision, transformers, scipy. Outputs are random numbers of a small picture's grids: each head has three, for a
square picture, a wide one and a tall one, with another number of classes each. Rows of results are xmin, ymin, xmax, ymax
in 0..1, score, class, the best first.
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
from transformers import (
    DetrImageProcessor,
    MaskFormerImageProcessor,
    RTDetrImageProcessor,
    SegformerImageProcessor,
    VitPoseImageProcessor,
)
from transformers.models.detr.modeling_detr import DetrObjectDetectionOutput
from transformers.models.rt_detr.modeling_rt_detr import RTDetrObjectDetectionOutput

FOLDER = Path(__file__).resolve().parent.parent / "goldens"
SIZES = [(64, 64), (32, 96), (96, 64)]
LEAST = 0.05


class Variant:
    """One of the three pictures that the goldens are for."""

    def __init__(self, number):
        self.number = number
        self.height, self.width = SIZES[number]
        self.suffix = "" if number == 0 else f"-{number + 1}"

    @property
    def grids(self):
        return [(self.height // stride, self.width // stride, stride) for stride in (8, 16, 32)]

    @property
    def count(self):
        return sum(height * width for height, width, _ in self.grids)

    def unit(self, boxes):
        return boxes / torch.tensor([self.width, self.height] * (boxes.shape[-1] // 2))


variant = Variant(0)


def numbers(tensor):
    return [float(f"{x:.6g}") for x in tensor.flatten().tolist()]


def rounded(tensor):
    """As the file has it, so that both sides compute with the same numbers."""
    return torch.tensor(numbers(tensor)).reshape(tensor.shape)


def write(name, outputs, **more):
    name += variant.suffix
    if variant.number > 0:
        more["size"] = [variant.height, variant.width]
    record = {"outputs": {k: {"shape": list(v.shape), "data": numbers(v)} for k, v in outputs.items()}, **more}
    (FOLDER / f"{name}.json").write_text(json.dumps(record) + "\n")


def detections(boxes, scores, classes):
    order = scores.argsort(descending=True, stable=True)
    rows = torch.cat([variant.unit(boxes), scores[:, None], classes[:, None].float()], 1)[order]
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
    for height, width, stride in variant.grids:
        y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        points.append((torch.stack([x, y], -1).reshape(-1, 2) + shift) * stride)
        strides.append(torch.full((height * width, 1), float(stride)))
    return torch.cat(points), torch.cat(strides)


def random_boxes(count):
    centre = torch.rand(count, 2) * torch.tensor([variant.width, variant.height])
    return torch.cat([centre, torch.rand(count, 2) * 24 + 4], 1)


def yolov8():
    classes = 3 + variant.number
    boxes = rounded(random_boxes(variant.count))
    scores = rounded(torch.rand(variant.count, classes) ** 3)
    write("yolov8", {"output0": torch.cat([boxes, scores], 1).T[None]}, labels=classes,
          rows=suppressed(box_convert(boxes, "cxcywh", "xyxy"), scores, 0.7))


def yolov5():
    classes, count = 4 - variant.number, 3 * variant.count
    boxes, objectness = rounded(random_boxes(count)), rounded(torch.rand(count, 1) ** 4)
    scores = rounded(torch.rand(count, classes) ** 2)
    write("yolov5", {"output": torch.cat([boxes, objectness, scores], 1)[None]}, labels=classes,
          rows=suppressed(box_convert(boxes, "cxcywh", "xyxy"), scores * objectness, 0.45))


def yolov5_grids():
    """Detect.forward of YOLOv5 and v7, by its anchors."""
    anchors = {
        "yolov5": [[(10, 13), (16, 30), (33, 23)], [(30, 61), (62, 45), (59, 119)], [(116, 90), (156, 198), (373, 326)]],
        "yolov7": [[(12, 16), (19, 36), (40, 28)], [(36, 75), (76, 55), (72, 146)], [(142, 110), (192, 243), (459, 401)]],
    }
    for name, shapes in anchors.items():
        outputs, boxes, scores = {}, [], []
        for k, (height, width, stride) in enumerate(variant.grids):
            raw = torch.randn(1, 3, height, width, 7 + variant.number)
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
            scores.append((y[..., 5:] * y[..., 4:5]).reshape(-1, 2 + variant.number))
        write(f"{name}-grids", outputs, labels=2 + variant.number,
              rows=suppressed(box_convert(torch.cat(boxes), "cxcywh", "xyxy"), torch.cat(scores), 0.45))


def yolox():
    """YOLOXHead.decode_outputs and postprocess."""
    count, classes = variant.count, 3 + variant.number
    raw = rounded(torch.cat([torch.randn(count, 2) * 0.5, torch.randn(count, 2) * 0.4 + 0.5], 1))
    objectness, scores = rounded(torch.rand(count, 1)), rounded(torch.rand(count, classes) ** 2)
    points, strides = cells()
    boxes = torch.cat([raw[:, :2] * strides + points, raw[:, 2:].exp() * strides], 1)
    write("yolox", {"output": torch.cat([raw, objectness, scores], 1)[None]}, labels=classes,
          rows=suppressed(box_convert(boxes, "cxcywh", "xyxy"), scores * objectness, 0.45))


def nanodet():
    """NanoDetPlusHead.get_bboxes and multiclass_nms: every class of a box on its own."""
    count, classes = variant.count, 3 + variant.number
    scores, raw = rounded(torch.rand(count, classes) ** 4), rounded(torch.randn(count, 32) * 2)
    points, strides = cells()
    sides = (raw.reshape(count, 4, 8).softmax(-1) * torch.arange(8.0)).sum(-1) * strides
    boxes = torch.cat([points - sides[:, :2], points + sides[:, 2:]], 1)
    box, label = (scores > LEAST).nonzero(as_tuple=True)
    keep = batched_nms(boxes[box], scores[box, label], label, 0.6)
    write("nanodet", {"output": torch.cat([scores, raw], 1)[None]}, labels=classes,
          rows=detections(boxes[box][keep], scores[box, label][keep], label[keep]))


def ssd():
    """torchvision's own decoding and suppression, on default boxes of a small picture."""
    generator = DefaultBoxGenerator([[2], [2, 3]], scales=[0.2, 0.5, 0.9])
    size = (variant.height, variant.width)
    features = [torch.zeros(1, 1, 3 - variant.number // 2, 3 + variant.number), torch.zeros(1, 1, 1, 1)]
    anchors = generator(ImageList(torch.zeros(1, 3, *size), [size]), features)
    count, classes = anchors[0].shape[0], 4 + variant.number
    head = nn.Identity()
    network = SSD(nn.Identity(), generator, size, classes, head=head, score_thresh=LEAST, nms_thresh=0.45,
                  detections_per_img=1000, topk_candidates=1000)
    offsets, logits = rounded(torch.randn(1, count, 4)), rounded(torch.randn(1, count, classes) * 2)
    [result] = network.postprocess_detections({"bbox_regression": offsets, "cls_logits": logits}, anchors, [size])
    default = variant.unit(box_convert(anchors[0], "xyxy", "cxcywh"))
    write("ssd", {"bbox_regression": offsets, "cls_logits": logits},
          labels=classes - 1, defaultBoxes=numbers(default), clipped=True,
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
    count, classes, size = 20 + 5 * variant.number, 5 + variant.number, (variant.height, variant.width)
    boxes = rounded(torch.cat([torch.rand(1, count, 2), torch.rand(1, count, 2) * 0.3 + 0.05], 2))
    logits = rounded(torch.randn(1, count, classes) * 2)
    outputs = DetrObjectDetectionOutput(logits=logits, pred_boxes=boxes)
    [found] = DetrImageProcessor().post_process_object_detection(outputs, LEAST, [size])
    write("detr", {"logits": logits, "pred_boxes": boxes}, labels=classes - 1, config={"model_type": "detr"},
          rows=detections(found["boxes"], found["scores"], found["labels"]))
    outputs = RTDetrObjectDetectionOutput(logits=logits, pred_boxes=boxes)
    [found] = RTDetrImageProcessor().post_process_object_detection(outputs, LEAST, [size])
    write("rt-detr", {"logits": logits, "pred_boxes": boxes}, labels=classes, config={"model_type": "rt_detr"},
          rows=detections(found["boxes"], found["scores"], found["labels"]))


def semantic():
    classes = 6 - variant.number
    logits = rounded(torch.randn(1, classes, variant.height // 4, variant.width // 4))
    outputs = type("Outputs", (), {"logits": logits})()
    height, width = [(37, 53), (29, 71), (61, 44)][variant.number]
    [found] = SegformerImageProcessor().post_process_semantic_segmentation(outputs, [(height, width)])
    write("semantic", {"logits": logits}, labels=classes, height=height, width=width, classes=found.flatten().tolist())


def oriented():
    """Ultralytics' batch_probiou and its suppression of rotated boxes, written again from the paper and its definition."""
    classes, count = 3 + variant.number, variant.count
    boxes, scores = rounded(random_boxes(count)), rounded(torch.rand(count, classes) ** 3)
    angles = rounded((torch.rand(count, 1) - 0.25) * math.pi)
    best, labels = scores.max(1)
    kept = best > LEAST
    order = best[kept].argsort(descending=True, stable=True)
    b, angle, best, labels = boxes[kept][order], angles[kept][order, 0], best[kept][order], labels[kept][order]
    # The moments of uniform boxes, turned.
    turn = torch.stack([torch.stack([angle.cos(), -angle.sin()], -1), torch.stack([angle.sin(), angle.cos()], -1)], -2)
    spread = turn @ torch.diag_embed(b[:, 2:] ** 2 / 12) @ turn.mT
    sums = spread[:, None] + spread[None]
    apart = (b[:, None, :2] - b[None, :, :2])[..., None]
    mahalanobis = (apart.mT @ torch.linalg.inv(sums) @ apart)[..., 0, 0] / 4
    areas = (torch.linalg.det(spread)[:, None] * torch.linalg.det(spread)[None]).sqrt()
    bhattacharyya = mahalanobis + (torch.linalg.det(sums) / (4 * areas)).log() / 2
    overlap = 1 - (1 - (-bhattacharyya).exp()).clamp(0).sqrt()
    rivals = (overlap >= 0.7) & (labels[:, None] == labels[None])
    stays = ~rivals.triu(1).any(0)
    b, angle, best, labels = b[stays], angle[stays], best[stays], labels[stays]
    along = torch.stack([angle.cos(), angle.sin()], -1) * b[:, 2:3] / 2
    across = torch.stack([-angle.sin(), angle.cos()], -1) * b[:, 3:4] / 2
    corners = torch.stack([b[:, :2] + along + across, b[:, :2] + along - across, b[:, :2] - along - across,
                           b[:, :2] - along + across], 1)
    rows = torch.cat([corners.amin(1), corners.amax(1)], 1)
    write("yolov8-obb", {"output0": torch.cat([boxes, scores, angles], 1).T[None]}, labels=classes,
          rows=detections(rows, best, labels), points=[numbers(row) for row in variant.unit(corners.flatten(1))])


def centernet():
    """ctdet_decode: peaks of 3 × 3, the best hundred, regression and sizes at the centre."""
    classes, h, w = 3 + variant.number, variant.height // 4, variant.width // 4
    logits = rounded(torch.randn(1, classes, h, w) * 2 - 1)
    sizes, offsets = rounded(torch.rand(1, 2, h, w) * 6), rounded(torch.rand(1, 2, h, w))
    heat = logits.sigmoid()
    heat = heat * (nn.functional.max_pool2d(heat, 3, 1, 1) == heat)
    scores, at = heat.flatten().topk(min(100, heat.numel()))
    at, scores = at[scores > LEAST], scores[scores > LEAST]
    cell = at % (h * w)
    centre = torch.stack([cell % w, cell // w], -1) + offsets.flatten(2)[0, :, cell].T
    half = sizes.flatten(2)[0, :, cell].T / 2
    write("centernet", {"hm": logits, "wh": sizes, "reg": offsets}, labels=classes,
          rows=detections(4 * torch.cat([centre - half, centre + half], 1), scores, at // (h * w)))


def retinaface():
    """PriorBox, decode and decode_landm of biubug6's RetinaFace, with its variances."""
    priors = []
    for height, width, stride in variant.grids:
        for row in range(height):
            for column in range(width):
                for side in {8: (16, 32), 16: (64, 128), 32: (256, 512)}[stride]:
                    priors.append([(column + 0.5) * stride / variant.width, (row + 0.5) * stride / variant.height,
                                   side / variant.width, side / variant.height])
    priors = torch.tensor(priors, dtype=torch.float64)
    count = len(priors)
    offsets, logits = rounded(torch.randn(count, 4)), rounded(torch.randn(count, 2))
    landmarks = rounded(torch.randn(count, 10))
    centre = priors[:, :2] + offsets[:, :2] * 0.1 * priors[:, 2:]
    boxes = torch.cat([centre, priors[:, 2:] * (offsets[:, 2:] * 0.2).exp()], 1).float()
    points = (priors[:, None, :2] + landmarks.reshape(-1, 5, 2) * 0.1 * priors[:, None, 2:]).flatten(1).float()
    corners = box_convert(boxes, "cxcywh", "xyxy") * torch.tensor([variant.width, variant.height] * 2)
    scores = logits.softmax(1)[:, 1]
    kept = (scores > LEAST).nonzero()[:, 0]
    keep = kept[batched_nms(corners[kept], scores[kept], torch.zeros(len(kept)), 0.4)]
    write("retinaface", {"loc": offsets[None], "conf": logits[None], "landms": landmarks[None]}, labels=1,
          rows=detections(corners[keep], scores[keep], torch.zeros(len(keep))),
          points=[numbers(row) for row in points[keep]])


def by_level(name, values):
    """Values of all cells as one output for each stride, as exports of single-shot detectors give them."""
    parts, start = {}, 0
    for height, width, stride in variant.grids:
        parts[f"{name}_{stride}"] = values[None, start : start + height * width]
        start += height * width
    return parts


def yunet():
    """FaceDetectorYN::postProcess of OpenCV."""
    count = variant.count
    cls, obj = rounded(torch.rand(count, 1)), rounded(torch.rand(count, 1))
    raw = rounded(torch.cat([torch.rand(count, 2), torch.randn(count, 2) * 0.4 + 0.5], 1))
    landmarks = rounded(torch.randn(count, 10))
    points, strides = cells()
    boxes = torch.cat([points + raw[:, :2] * strides, raw[:, 2:].exp() * strides], 1)
    corners = box_convert(boxes, "cxcywh", "xyxy")
    scores = (cls * obj).sqrt()[:, 0]
    kept = (scores > LEAST).nonzero()[:, 0]
    keep = kept[batched_nms(corners[kept], scores[kept], torch.zeros(len(kept)), 0.45)]
    placed = (points[:, None] + landmarks.reshape(-1, 5, 2) * strides[:, None]).flatten(1)
    outputs = {**by_level("cls", cls), **by_level("obj", obj), **by_level("bbox", raw), **by_level("kps", landmarks)}
    write("yunet", outputs, labels=1, rows=detections(corners[keep], scores[keep], torch.zeros(len(keep))),
          points=[numbers(row) for row in variant.unit(placed[keep])])


def blazeface():
    """MediaPipe's SsdAnchorsCalculator with fixed sizes, two at stride 8 and six at 16, and TensorsToDetectionsCalculator."""
    outputs, corners, scores, placed = {}, [], [], []
    for (height, width, stride), anchors in zip(variant.grids, (2, 6)):
        y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        centre = ((torch.stack([x, y], -1).reshape(-1, 2) + 0.5) * stride).repeat_interleave(anchors, 0)
        raw, logits = rounded(torch.randn(len(centre), 16) * 6), rounded(torch.randn(len(centre), 1) * 2)
        raw[:, 2:4] = rounded(raw[:, 2:4].abs() + 4)
        outputs |= {f"classificators_{stride}": logits[None], f"regressors_{stride}": raw[None]}
        corners.append(box_convert(torch.cat([centre + raw[:, :2], raw[:, 2:4]], 1), "cxcywh", "xyxy"))
        placed.append((centre[:, None] + raw[:, 4:].reshape(-1, 6, 2)).flatten(1))
        scores.append(logits[:, 0].sigmoid())
    corners, scores, placed = torch.cat(corners), torch.cat(scores), torch.cat(placed)
    kept = (scores > LEAST).nonzero()[:, 0]
    keep = kept[batched_nms(corners[kept], scores[kept], torch.zeros(len(kept)), 0.3)]
    write("blazeface", outputs, labels=1, rows=detections(corners[keep], scores[keep], torch.zeros(len(keep))),
          points=[numbers(row) for row in variant.unit(placed[keep])])


def picodet():
    """PicoHeadV2's boxes from the middles of cells, and its suppression of each class on its own."""
    count, classes = variant.count, 3 + variant.number
    scores, raw = rounded(torch.rand(count, classes) ** 4), rounded(torch.randn(count, 32) * 2)
    points, strides = cells(0.5)
    sides = (raw.reshape(count, 4, 8).softmax(-1) * torch.arange(8.0)).sum(-1) * strides
    boxes = torch.cat([points - sides[:, :2], points + sides[:, 2:]], 1)
    box, label = (scores > LEAST).nonzero(as_tuple=True)
    keep = batched_nms(boxes[box], scores[box, label], label, 0.6)
    write("picodet", {**by_level("scores", scores), **by_level("sides", raw)}, labels=classes,
          rows=detections(boxes[box][keep], scores[box, label][keep], label[keep]))


def yolo_pose():
    """Ultralytics' suppression with 17 points behind the score; YOLO26's rows need none."""
    boxes, scores = rounded(random_boxes(variant.count)), rounded(torch.rand(variant.count, 1) ** 2)
    points = rounded(torch.rand(variant.count, 17, 3) * torch.tensor([variant.width, variant.height, 1.0]))
    corners = box_convert(boxes, "cxcywh", "xyxy")
    kept = (scores[:, 0] > LEAST).nonzero()[:, 0]
    keep = kept[batched_nms(corners[kept], scores[kept, 0], torch.zeros(len(kept)), 0.7)]
    placed = variant.unit(points[..., :2].flatten(1))
    write("yolov8-pose", {"output0": torch.cat([boxes, scores, points.flatten(1)], 1).T[None]}, labels=1,
          rows=detections(corners[keep], scores[keep, 0], torch.zeros(len(keep))),
          points=[numbers(row) for row in placed[keep]])
    order = scores[:, 0].argsort(descending=True)
    order = order[scores[order, 0] > LEAST]
    corners = rounded(corners)
    rows = torch.cat([corners, scores, torch.zeros(variant.count, 1), points.flatten(1)], 1)
    write("pose-rows", {"output0": rows[None]}, labels=1,
          rows=detections(corners[order], scores[order, 0], torch.zeros(len(order))),
          points=[numbers(row) for row in placed[order]])


def heat_maps():
    """transformers' post-processing of ViTPose, of a person whose box the input is."""
    h, w, count = variant.height // 4, variant.width // 4, 5 + variant.number
    y, x = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    centre = torch.rand(count, 2) * torch.tensor([w - 1.0, h - 1.0])
    far = (x - centre[:, :1, None]) ** 2 + (y - centre[:, 1:, None]) ** 2
    maps = rounded((-far / (2 * 1.7**2)).exp() * (0.3 + 0.7 * torch.rand(count, 1, 1)) + 0.02 * torch.rand(count, h, w))[None]
    processor = VitPoseImageProcessor(size={"height": variant.height, "width": variant.width})
    # It adds a quarter around the box.
    box = [0.1 * variant.width, 0.1 * variant.height, 0.8 * variant.width, 0.8 * variant.height]
    [[found]] = processor.post_process_pose_estimation(type("Outputs", (), {"heatmaps": maps})(), [[box]])
    write("heat-maps", {"heatmaps": maps}, labels=1, scores=numbers(found["scores"]),
          points=[numbers(row) for row in variant.unit(found["keypoints"])])


def simcc():
    """get_simcc_maximum of MMPose and RTMPose's two parts of a pixel."""
    count = 5 + variant.number
    x, y = (rounded(torch.rand(1, count, 2 * side)) for side in (variant.width, variant.height))
    places = torch.stack([x.argmax(2), y.argmax(2)], -1)[0] / 2
    write("simcc", {"simcc_x": x, "simcc_y": y}, labels=1,
          scores=numbers(torch.minimum(x.amax(2), y.amax(2))), points=[numbers(row) for row in variant.unit(places)])


def mask_queries():
    """transformers' post-processing of MaskFormer, without resizing."""
    queries, classes = 7 + variant.number, 4 + variant.number
    scores = rounded(torch.randn(1, queries, classes + 1) * 2)
    masks = rounded(torch.randn(1, queries, variant.height // 4, variant.width // 4) * 3)
    outputs = type("Outputs", (), {"class_queries_logits": scores, "masks_queries_logits": masks})()
    [found] = MaskFormerImageProcessor().post_process_semantic_segmentation(outputs)
    write("mask-queries", {"class_queries_logits": scores, "masks_queries_logits": masks}, labels=classes,
          classes=found.flatten().tolist())


def maps():
    """PyTorch's bilinear interpolation to a picture's size, as transformers.js has it; scores of two classes by softmax."""
    height, width = [(37, 53), (29, 71), (61, 44)][variant.number]
    h, w = variant.height // 2, variant.width // 2
    size = {"height": height, "width": width}

    def at_size(values):
        return numbers(nn.functional.interpolate(values, (height, width), mode="bilinear", align_corners=False))

    near = rounded(torch.rand(1, 1, h, w) * 10)
    write("depth", {"predicted_depth": near[0] if variant.number == 1 else near}, labels=0, values=at_size(near), **size)
    logits = rounded(torch.randn(1, 1 + variant.number % 2, h, w) * 2)
    alpha = logits.sigmoid() if variant.number % 2 == 0 else logits.softmax(1)[:, 1:]
    write("matte", {"alphas": logits}, labels=0, values=at_size(alpha), **size)
    picture = rounded(torch.rand(1, 3, 2 * variant.height, 2 * variant.width) * 1.2 - 0.1)
    write("picture", {"reconstruction": picture}, labels=0, values=numbers(picture))


def embedding():
    """A vector, the first of a transformer's tokens, the mean of feature maps: of length 1."""
    raw = [torch.randn(1, 24), torch.randn(1, 5, 24), torch.randn(1, 24, 3, 2)][variant.number]
    raw = rounded(raw)
    vector = [raw, raw[:, 0] if raw.dim() == 3 else raw, raw.flatten(2).mean(-1) if raw.dim() == 4 else raw][variant.number]
    name = ["image_embeds", "last_hidden_state", "features"][variant.number]
    write("embedding", {name: raw}, labels=0, values=numbers(nn.functional.normalize(vector)))


def end_to_end():
    """Rows that the network has sorted out: YOLOv10's top-k, YOLO26's with coefficients of masks, and an export's with
    suppression and rows of zeros behind it. Ultralytics keeps those above the least score."""
    classes, extra = 4 + variant.number, [0, 5, 0][variant.number]
    boxes = rounded(box_convert(random_boxes(variant.count), "cxcywh", "xyxy"))
    scores = rounded(torch.rand(variant.count, classes) ** 4)
    if variant.number == 2:
        best, labels = scores.max(1)
        keep = batched_nms(boxes, best, labels, 0.7)
        rows = torch.cat([boxes[keep], best[keep, None], labels[keep, None].float()], 1)
        rows = torch.cat([rows, torch.zeros(20, 6)])
    else:
        best = scores.amax(1).topk(40).indices
        pairs, at = scores[best].flatten().topk(40)
        rows = torch.cat([boxes[best][at // classes], pairs[:, None], (at % classes)[:, None].float()], 1)
    outputs = {"output0": torch.cat([rows, rounded(torch.randn(len(rows), extra))], 1)[None]}
    if extra:
        outputs["output1"] = rounded(torch.randn(1, extra, variant.height // 8, variant.width // 8))
    found = rows[rows[:, 4] > LEAST]
    write("rows", outputs, labels=classes, rows=detections(found[:, :4], found[:, 4], found[:, 5]))


def numbered_rows():
    """YOLOv7's ONNX_ORT: rows of picture, corners, class and score, class by class as NonMaxSuppression gives them."""
    classes = 3 + variant.number
    boxes = rounded(box_convert(random_boxes(variant.count), "cxcywh", "xyxy"))
    scores = rounded(torch.rand(variant.count, classes) ** 8)
    parts = []
    for label in range(classes):
        [kept] = (scores[:, label] > LEAST).nonzero(as_tuple=True)
        kept = kept[batched_nms(boxes[kept], scores[kept, label], torch.zeros(len(kept)), 0.45)]
        picture, number = torch.zeros(len(kept), 1), torch.full((len(kept), 1), float(label))
        parts.append(torch.cat([picture, boxes[kept], number, scores[kept, label, None]], 1))
    rows = torch.cat(parts)
    write("numbered-rows", {"output": rows}, labels=classes, rows=detections(rows[:, 1:5], rows[:, 6], rows[:, 5]))


def lists():
    """Boxes, scores and classes as torchvision's detectors give them, D-FINE's with their decoding, and TensorFlow's."""
    classes, count = 5 + variant.number, 30
    boxes = rounded(box_convert(random_boxes(count), "cxcywh", "xyxy"))
    scores, labels = rounded(torch.rand(count) ** 2), torch.randint(classes, (count,)).float()
    names, batch, given = [
        (["boxes", "scores", "labels"], [], boxes),
        (["boxes", "scores", "labels"], [1], boxes),
        (["detection_boxes", "detection_scores", "detection_classes"], [1], rounded(variant.unit(boxes))[:, [1, 0, 3, 2]]),
    ][variant.number]
    values = [value.reshape(*batch, *value.shape) for value in (given, scores, labels)]
    found = scores > LEAST
    write("lists", dict(zip(names, values, strict=True)), labels=classes, rows=detections(boxes[found], scores[found], labels[found]))


def scored_boxes():
    """MMDeploy's rows: suppressed there, with their classes in an output of their own."""
    classes, count = 4 + variant.number, 25 + 5 * variant.number
    boxes = rounded(box_convert(random_boxes(count), "cxcywh", "xyxy"))
    scores, labels = rounded(torch.rand(count) ** 2).sort(descending=True)[0], torch.randint(classes, (count,)).float()
    found = scores > LEAST
    write("scored-boxes", {"dets": torch.cat([boxes, scores[:, None]], 1)[None], "labels": labels[None]}, labels=classes,
          rows=detections(boxes[found], scores[found], labels[found]))


def rtmdet():
    """RTMDetHead's predict_by_feat: distances from the corners of cells, suppression of each class on its own."""
    classes, outputs, corners, scores = 3 + variant.number, {}, [], []
    for part, channels in (("cls", classes), ("bbox", 4)):
        for height, width, stride in variant.grids:
            raw = torch.randn(1, channels, height, width)
            outputs[f"{part}_{stride}"] = rounded(raw * 2 - 2 if part == "cls" else raw.exp() * stride)
    for height, width, stride in variant.grids:
        y, x = torch.meshgrid(torch.arange(height) * stride, torch.arange(width) * stride, indexing="ij")
        place = torch.stack([x, y], -1).reshape(-1, 2)
        sides = outputs[f"bbox_{stride}"][0].flatten(1).T
        corners.append(torch.cat([place - sides[:, :2], place + sides[:, 2:]], 1))
        scores.append(outputs[f"cls_{stride}"][0].flatten(1).T.sigmoid())
    boxes, scores = torch.cat(corners), torch.cat(scores)
    box, label = (scores > LEAST).nonzero(as_tuple=True)
    keep = batched_nms(boxes[box], scores[box, label], label, 0.65)
    write("rtmdet", outputs, labels=classes, rows=detections(boxes[box][keep], scores[box, label][keep], label[keep]))


def runs(mask):
    """The lengths of runs of equal pixels, row by row, of zeros first."""
    changes = mask.flatten().int().diff(prepend=torch.zeros(1, dtype=torch.int32)).nonzero()[:, 0]
    return changes.diff(prepend=torch.zeros(1, dtype=torch.int64), append=torch.tensor([mask.numel()])).tolist()


def yolo_masks():
    """Ultralytics' process_mask_native: prototypes mixed, enlarged to the picture, cropped to the box, above 0."""
    classes, count = 3 + variant.number, 4 + variant.number
    boxes, scores = rounded(random_boxes(variant.count)), rounded(torch.rand(variant.count, classes) ** 20)
    coefficients = rounded(torch.randn(variant.count, count))
    prototypes = rounded(torch.randn(1, count, variant.height // 4, variant.width // 4))
    corners = box_convert(boxes, "cxcywh", "xyxy")
    best, labels = scores.max(1)
    [kept] = (best > LEAST).nonzero(as_tuple=True)
    kept = kept[batched_nms(corners[kept], best[kept], labels[kept], 0.7)]
    kept = kept[best[kept].argsort(descending=True, stable=True)]
    height, width = 3 * variant.height // 2, 3 * variant.width // 2
    logits = (coefficients[kept] @ prototypes[0].flatten(1)).reshape(-1, *prototypes.shape[2:])
    masks = nn.functional.interpolate(logits[None], (height, width), mode="bilinear", align_corners=False)[0]
    x1, y1, x2, y2 = (corners[kept] * 1.5)[:, :, None, None].unbind(1)
    column, row = torch.arange(width)[None, None], torch.arange(height)[None, :, None]
    masks = (masks > 0) & (column >= x1) & (column < x2) & (row >= y1) & (row < y2)
    outputs = {"output0": torch.cat([boxes, scores, coefficients], 1).T[None], "output1": prototypes}
    write("yolov8-masks", outputs, labels=classes, height=height, width=width,
          rows=detections(corners[kept], best[kept], labels[kept]),
          masks=[runs(mask) for mask in masks])


def classes():
    """Logits as torchvision's and timm's classifiers give them, feature maps of one pixel, and one logit alone."""
    shape = [(1, 7), (1, 6, 1, 1), (1, 1)][variant.number]
    logits = rounded(torch.randn(shape) * 3)
    probabilities = logits.sigmoid() if logits.numel() == 1 else logits.flatten(1).softmax(1)
    write("classes", {"logits": logits}, labels=logits.numel(), values=numbers(probabilities))


MAKERS = [yolov8, yolov5, yolov5_grids, yolox, nanodet, ssd, default_boxes, queries, semantic, oriented, centernet, retinaface,
          yunet, blazeface, picodet, yolo_pose, heat_maps, simcc, mask_queries, maps, embedding, end_to_end, numbered_rows,
          lists, yolo_masks, classes, scored_boxes, rtmdet]

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for number in range(len(SIZES)):
        variant = Variant(number)
        for seed, make in enumerate(MAKERS):
            if make is default_boxes and number > 0:
                continue
            torch.manual_seed(100 * number + seed)
            make()
