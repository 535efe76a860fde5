"""What ONNX defines and PyTorch lacks, by ONNX Runtime's WebAssembly build under Node."""

import base64
import itertools
import json
import subprocess
from pathlib import Path

import numpy as np
from golden import Goldens, encode, unary, window
from onnx import TensorProto, helper, numpy_helper

OPSET = 20
TYPES = {"f": TensorProto.FLOAT, "i": TensorProto.INT32, "b": TensorProto.BOOL}


class Questions:
    """Collects single-node models, so that Node starts once."""

    def __init__(self, goldens):
        self.goldens = goldens
        self.waiting = []
        self.requests = []

    def ask(
        self, name, op, attributes, inputs, onnx_op, onnx_attributes, constants=(), output="f", finish=None, feeds=None
    ):
        """`constants` follow the inputs of the ONNX node; None leaves one out. `finish` makes the golden's outputs."""
        feeds = inputs if feeds is None else feeds
        names = [f"x{i}" for i in range(len(feeds))]
        initializers = [numpy_helper.from_array(c, f"c{i}") for i, c in enumerate(constants) if c is not None]
        extra = ["" if c is None else f"c{i}" for i, c in enumerate(constants)]
        node = helper.make_node(onnx_op, names + extra, ["y"], **onnx_attributes)
        graph = helper.make_graph(
            [node],
            "golden",
            [helper.make_tensor_value_info(n, TYPES[x.dtype.kind], x.shape) for n, x in zip(names, feeds)],
            [helper.make_tensor_value_info("y", TensorProto.INT64 if output == "l" else TYPES[output], None)],
            initializers,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        tensors = {n: encode(x) for n, x in zip(names, feeds)}
        self.requests.append({"model": base64.b64encode(model.SerializeToString()).decode(), "inputs": tensors})
        self.waiting.append((name, op, attributes, inputs, finish or (lambda y: [y])))

    def answer(self):
        script = Path(__file__).with_name("run-onnx.mjs")
        text = subprocess.run(
            ["node", script], input=json.dumps(self.requests), stdout=subprocess.PIPE, text=True, check=True
        ).stdout
        for (name, op, attributes, inputs, finish), [result] in zip(self.waiting, json.loads(text), strict=True):
            dtype = {"float32": "<f4", "int32": "<i4", "int64": "<i8", "bool": "?"}[result["dtype"]]
            y = np.frombuffer(base64.b64decode(result["data"]), dtype).reshape(result["shape"])
            outputs = [o.astype(np.int32) if o.dtype == np.int64 else o for o in finish(y)]
            self.goldens.add(name, op, attributes, inputs, outputs)


def resizing(g, q):
    coordinates = {
        "half-pixel": "half_pixel",
        "align-corners": "align_corners",
        "asymmetric": "asymmetric",
        "pytorch-half-pixel": "pytorch_half_pixel",
    }
    sizes = [((4, 5), (8, 10)), ((4, 6), (2, 3)), ((5, 7), (8, 4)), ((4, 4), (1, 6))]
    variants = [
        ("nearest", rounding, -0.75) for rounding in ("round-prefer-floor", "round-prefer-ceil", "floor", "ceil")
    ]
    variants += [("linear", "floor", -0.75), ("cubic", "floor", -0.75), ("cubic", "floor", -0.5)]
    for (mode, rounding, a), coordinate, (before, after) in itertools.product(variants, coordinates, sizes):
        x = g.normal(1, 2, *before)
        attributes = {
            "mode": mode,
            "coordinates": coordinate,
            "rounding": rounding,
            "size": after,
            "scale": [o / i for o, i in zip(after, before)],
            "cubicA": a,
        }
        onnx = {
            "mode": mode,
            "coordinate_transformation_mode": coordinates[coordinate],
            "nearest_mode": rounding.replace("-", "_"),
            "cubic_coeff_a": a,
        }
        detail = f" {rounding}" if mode == "nearest" else f" a={a}" if mode == "cubic" else ""
        name = f"{mode}{detail}, {coordinate}, {list(before)} to {list(after)}"
        q.ask(name, "resize2d", attributes, [x], "Resize", onnx, [None, None, np.array([1, 2, *after], np.int64)])
    for mode, scale in itertools.product(("nearest", "linear"), ((0.6, 1.7), (2.5, 0.35))):
        x = g.normal(1, 1, 10, 9)
        size = [int(np.floor(np.float32(s) * d)) for s, d in zip(scale, (10, 9))]
        attributes = {
            "mode": mode,
            "coordinates": "asymmetric",
            "rounding": "floor",
            "size": size,
            "scale": scale,
            "cubicA": -0.75,
        }
        onnx = {"mode": mode, "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        name = f"{mode}, asymmetric, by scale {list(scale)}"
        q.ask(name, "resize2d", attributes, [x], "Resize", onnx, [None, np.array([1, 1, *scale], np.float32)])


def pooling(g, q):
    for name, shape, w in [
        ("asymmetric padding and ceil mode", (1, 2, 6, 7), window((3, 3), (2, 2), padding=(0, 1, 1, 0), ceil=True)),
        ("padding behind alone", (1, 1, 5, 6), window((3, 2), (2, 2), padding=(0, 0, 2, 1))),
        ("dilation", (1, 2, 8, 9), window((2, 3), (1, 2), (3, 2), (1, 1, 1, 2))),
        ("dilation and ceil mode", (1, 1, 8, 8), window((2, 2), (3, 3), (2, 2), (1, 0, 1, 0), True)),
    ]:
        x = g.normal(*shape)
        onnx = {
            "kernel_shape": w["kernel"],
            "strides": w["stride"],
            "dilations": w["dilation"],
            "pads": w["padding"],
            "ceil_mode": int(w["ceilMode"]),
        }
        q.ask(f"{name}, ONNX", "max-pool2d", w, [x], "MaxPool", onnx)
        for include in (False, True):
            attributes = {**w, "countIncludePad": include}
            counted = "padding counted" if include else "padding not counted"
            q.ask(
                f"{name}, {counted}, ONNX",
                "average-pool2d",
                attributes,
                [x],
                "AveragePool",
                {**onnx, "count_include_pad": int(include)},
            )


def layout(g, q):
    for block, mode in itertools.product((2, 3), ("dcr", "crd")):
        x = g.normal(2, 2 * block**2, 2, 3)
        q.ask(
            f"block {block}, {mode}",
            "depth-to-space",
            {"blockSize": block, "mode": mode},
            [x],
            "DepthToSpace",
            {"blocksize": block, "mode": mode.upper()},
        )
    for block in (2, 3):
        x = g.normal(2, 3, 2 * block, 3 * block)
        q.ask(f"block {block}", "space-to-depth", {"blockSize": block}, [x], "SpaceToDepth", {"blocksize": block})
    x = g.integers(0, 3, 4, 7).astype(np.float32)
    for fn, select_last in itertools.product(("argmax", "argmin"), (False, True)):
        attributes = {"fn": fn, "axis": 1, "keepDims": True, "selectLast": select_last}
        onnx = {"axis": 1, "keepdims": 1, "select_last_index": int(select_last)}
        q.ask(
            f"{fn}, {'last' if select_last else 'first'} of ties, ONNX",
            "argmax",
            attributes,
            [x],
            "ArgMax" if fn == "argmax" else "ArgMin",
            onnx,
            output="l",
        )


def elementwise(g, q):
    x = np.concatenate([np.array([0, 0.5, 1.5, -2.5, 6, -6], np.float32), g.uniform(-4, 4, 20)])
    for fn, attributes, onnx_op, onnx in [
        ("hard-sigmoid", unary("hard-sigmoid", 0.2, 0.5), "HardSigmoid", {}),
        ("hard-swish", unary("hard-swish"), "HardSwish", {}),
        ("celu", unary("celu", 2), "Celu", {"alpha": 2.0}),
        ("selu", unary("selu", 1.5, 2), "Selu", {"alpha": 1.5, "gamma": 2.0}),
        ("mish", unary("mish"), "Mish", {}),
        ("gelu", unary("gelu"), "Gelu", {}),
        ("gelu-tanh", unary("gelu-tanh"), "Gelu", {"approximate": "tanh"}),
        ("round", unary("round"), "Round", {}),
        ("erf", unary("erf"), "Erf", {}),
    ]:
        q.ask(f"{fn}, ONNX", "unary", attributes, [x], onnx_op, onnx)
    slope = g.normal(3, 1, 1)
    q.ask("prelu by channel, ONNX", "binary", {"fn": "prelu"}, [g.normal(2, 3, 2, 2), slope], "PRelu", {})
    divisors = np.array([1, -2, 3, -4, 5], np.int32)
    q.ask("mod of int32, ONNX", "binary", {"fn": "mod"}, [g.integers(-50, 50, 4, 5), divisors], "Mod", {}, output="i")
    q.ask(
        "mod of float32, ONNX",
        "binary",
        {"fn": "mod"},
        [g.normal(4, 5, scale=9), divisors.astype(np.float32)],
        "Mod",
        {"fmod": 1},
    )
    q.ask("div of int32, ONNX", "binary", {"fn": "div"}, [g.integers(-50, 50, 4, 5), divisors], "Div", {}, output="i")


def suppression(g, q):
    def boxes_of(batch, count, form):
        center, size = g.uniform(0, 1, batch, count, 2), g.uniform(0.1, 0.5, batch, count, 2)
        if form == "center":
            return np.concatenate([center, size], 2)
        a, b = center - size / 2, center + size / 2
        # ONNX allows any two opposite corners.
        swap = g.uniform(0, 1, batch, count, 2) < 0.5
        return np.concatenate([np.where(swap, b, a), np.where(swap, a, b)], 2)

    def ask(
        name,
        batch=1,
        classes=1,
        count=20,
        form="corners",
        layout="class-first",
        iou=0.5,
        least=0.0,
        most=100,
        first=0,
        edit=None,
    ):
        boxes, scores = boxes_of(batch, count, form), g.uniform(0, 1, batch, classes, count)
        if edit:
            edit(boxes, scores)
        attributes = {
            "scoreLayout": layout,
            "boxFormat": form,
            "iouThreshold": iou,
            "scoreThreshold": least,
            "maxPerClass": most,
            "firstClass": first,
        }
        rows = batch * (classes - first) * min(most, count)

        def finish(selected):
            selected = selected[selected[:, 1] >= first]
            indices = np.full((rows, 3), -1, np.int32)
            indices[: len(selected)] = selected
            detections = np.zeros((rows, 6), np.float32)
            for row, (n, c, b) in enumerate(selected):
                p, q = np.split(boxes[n, b].astype(np.float64), 2)
                low, high = (p - q / 2, p + q / 2) if form == "center" else (np.minimum(p, q), np.maximum(p, q))
                detections[row] = [*low, *high, scores[n, c, b], c]
            return [indices, detections, np.array([len(selected)], np.int32)]

        given = scores if layout == "class-first" else np.ascontiguousarray(scores.transpose(0, 2, 1))
        constants = [np.array([most], np.int64), np.array([iou], np.float32), np.array([least], np.float32)]
        onnx = {"center_point_box": int(form == "center")}
        q.ask(
            name,
            "non-maximum-suppression",
            attributes,
            [boxes, given],
            "NonMaxSuppression",
            onnx,
            constants,
            "l",
            finish,
            [boxes, scores],
        )

    def ties(boxes, scores):
        scores[:] = np.float32(0.5)

    def copies(boxes, _):
        boxes[:] = boxes[:, :1]

    def flat(boxes, _):
        boxes[..., 2] = boxes[..., 0]

    ask("one class")
    ask("corners of either order, two samples, three classes", 2, 3)
    ask("centre and size", 1, 2, form="center", iou=0.3)
    ask("scores by box", 2, 3, layout="box-first", iou=0.4)
    ask("score threshold", classes=2, least=0.6)
    ask("at most 3 of a class", 2, 2, most=3, iou=0.7)
    ask("the background class skipped", 2, 4, 12, first=1, iou=0.2)
    ask("equal scores", edit=ties, iou=0.3)
    ask("equal boxes", edit=copies)
    ask("boxes without area", edit=flat, iou=0.1)
    ask("threshold 0", iou=0.0)
    ask("threshold 1", iou=1.0, count=8)
    ask("no box above the threshold", least=2.0, count=6)
    ask("a single box", count=1)


def make():
    g = Goldens(seed=4)
    q = Questions(g)
    for part in (resizing, pooling, layout, elementwise, suppression):
        part(g, q)
    q.answer()
    return g
