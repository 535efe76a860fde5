"""Convolutions, products, pooling, resizing, normalisation, softmax, reductions and SSD decoding by PyTorch."""

import itertools

import numpy as np
import torch
import torch.nn.functional as F
from golden import EPILOGUE, Goldens, unary, window


def double(array):
    return torch.from_numpy(np.asarray(array)).double()


def single(tensor):
    return tensor.float().numpy()


def pad2d(x, padding, value=0.0):
    top, left, bottom, right = padding
    return F.pad(x, (left, right, top, bottom), value=value)


ACTIVATIONS = {
    "relu": (unary("relu"), F.relu),
    "relu6": (unary("relu6"), F.relu6),
    "leaky-relu": (unary("leaky-relu", 0.125), lambda x: F.leaky_relu(x, 0.125)),
    "sigmoid": (unary("sigmoid"), torch.sigmoid),
    "hard-sigmoid": (unary("hard-sigmoid", 1 / 6, 0.5), F.hardsigmoid),
    "tanh": (unary("tanh"), torch.tanh),
    "hard-swish": (unary("hard-swish"), F.hardswish),
    "silu": (unary("silu", 1), F.silu),
    "clip": (unary("clip", -0.75, 0.5), lambda x: torch.clamp(x, -0.75, 0.5)),
}


def finish(y, residual, activation, order):
    apply = ACTIVATIONS[activation][1] if activation else lambda x: x
    if order == "before-activation":
        return apply(y + double(residual))
    return apply(y) + double(residual) if order == "after-activation" else apply(y)


def epilogue(activation, order="none"):
    return {**EPILOGUE, **({"activation": ACTIVATIONS[activation][0]} if activation else {}), "residual": order}


def convolutions(g):
    def conv(name, x, w, stride=(1, 1), dilation=(1, 1), padding=(0, 0, 0, 0), groups=1, act=None, order="none"):
        x, w = g.normal(*x), g.normal(*w, scale=0.5)
        b = g.normal(w.shape[0])
        y = F.conv2d(pad2d(double(x), padding), double(w), double(b), stride, 0, dilation, groups)
        residual = [] if order == "none" else [g.normal(*y.shape)]
        y = finish(y, *(residual or [None]), act, order)
        attributes = {"stride": stride, "dilation": dilation, "padding": padding, "groups": groups}
        g.add(name, "conv2d", {**attributes, **epilogue(act, order)}, [x, w, b, *residual], [single(y)])

    conv("1x1 picture and kernel", (1, 1, 1, 1), (1, 1, 1, 1))
    conv("pointwise, batch 2", (2, 5, 3, 4), (7, 5, 1, 1))
    conv("3x3 with padding", (1, 3, 5, 7), (4, 3, 3, 3), padding=(1, 1, 1, 1))
    conv("stride 2", (1, 3, 7, 8), (2, 3, 3, 3), stride=(2, 2))
    conv("unequal stride and kernel", (1, 2, 9, 8), (3, 2, 3, 2), stride=(3, 1))
    conv("dilation 2 by 3", (1, 2, 9, 10), (2, 2, 3, 3), dilation=(2, 3))
    conv("asymmetric padding", (1, 2, 4, 5), (2, 2, 3, 3), padding=(0, 1, 2, 3))
    conv("asymmetric padding with stride 2", (2, 3, 6, 7), (4, 3, 3, 3), stride=(2, 2), padding=(0, 0, 1, 1))
    conv("padding wider than the kernel", (1, 1, 3, 3), (1, 1, 2, 2), padding=(3, 2, 2, 3))
    conv("groups 3", (1, 6, 4, 4), (9, 2, 3, 3), groups=3)
    conv("depthwise", (2, 5, 5, 5), (5, 1, 3, 3), padding=(1, 1, 1, 1), groups=5)
    conv("depthwise with multiplier 2 and stride 2", (1, 3, 7, 6), (6, 1, 5, 5), (2, 2), padding=(2, 2, 2, 2), groups=3)
    conv("everything at once", (2, 4, 9, 8), (6, 2, 3, 2), (2, 1), (1, 2), (2, 0, 1, 1), 2)
    for act in ACTIVATIONS:
        conv(f"fused {act}", (1, 3, 3, 3), (4, 3, 1, 1), act=act)
    for order in ("before-activation", "after-activation"):
        conv(f"residual {order}", (1, 3, 4, 4), (5, 3, 3, 3), padding=(1, 1, 1, 1), act="relu", order=order)

    def transpose(
        name, x, w, stride=(1, 1), dilation=(1, 1), padding=(0, 0, 0, 0), extra=(0, 0), groups=1, act=None, order="none"
    ):
        x, w = g.normal(*x), g.normal(*w, scale=0.5)
        b = g.normal(w.shape[1] * groups)
        y = F.conv_transpose2d(double(x), double(w), double(b), stride, 0, extra, groups, dilation)
        top, left, bottom, right = padding
        y = y[:, :, top : y.shape[2] - bottom, left : y.shape[3] - right]
        residual = [] if order == "none" else [g.normal(*y.shape)]
        y = finish(y, *(residual or [None]), act, order)
        attributes = {
            "stride": stride,
            "dilation": dilation,
            "padding": padding,
            "outputPadding": extra,
            "groups": groups,
        }
        g.add(name, "conv-transpose2d", {**attributes, **epilogue(act, order)}, [x, w, b, *residual], [single(y)])

    transpose("1x1 picture and kernel", (1, 1, 1, 1), (1, 1, 1, 1))
    transpose("2x2 with stride 2", (2, 3, 3, 4), (3, 5, 2, 2), (2, 2))
    transpose("overlapping 3x3 with stride 2", (1, 2, 4, 3), (2, 3, 3, 3), (2, 2), padding=(1, 1, 1, 1))
    transpose("output padding", (1, 2, 3, 4), (2, 2, 3, 3), (2, 3), padding=(1, 0, 1, 0), extra=(1, 2))
    transpose("asymmetric padding", (1, 2, 4, 4), (2, 2, 4, 3), (2, 1), padding=(0, 1, 2, 0))
    transpose("dilation", (1, 2, 3, 3), (2, 3, 2, 3), dilation=(3, 2))
    transpose("stride beyond the kernel leaves bias", (1, 2, 3, 2), (2, 2, 1, 2), (3, 4))
    transpose("groups 2", (1, 4, 3, 3), (4, 3, 3, 3), (2, 2), groups=2)
    transpose("depthwise", (2, 3, 3, 3), (3, 1, 4, 4), (2, 2), padding=(1, 1, 1, 1), groups=3)
    transpose("everything at once", (2, 4, 3, 4), (4, 3, 3, 2), (2, 3), (2, 1), (1, 0, 2, 1), (1, 1), 2, "leaky-relu")
    for order in ("before-activation", "after-activation"):
        transpose(f"residual {order}", (1, 3, 2, 2), (3, 2, 2, 2), (2, 2), act="relu", order=order)


def products(g):
    def dense(name, x, outputs, act=None, order="none"):
        x, w = g.normal(*x), g.normal(outputs, x[-1])
        b = g.normal(outputs)
        y = F.linear(double(x), double(w), double(b))
        residual = [] if order == "none" else [g.normal(*y.shape)]
        g.add(
            name,
            "dense",
            epilogue(act, order),
            [x, w, b, *residual],
            [single(finish(y, *(residual or [None]), act, order))],
        )

    dense("one number", (1,), 1)
    dense("a vector", (7,), 5)
    dense("rows with relu", (3, 10), 6, "relu")
    dense("rank 3, residual before activation", (2, 3, 5), 4, "hard-swish", "before-activation")
    dense("residual after activation", (2, 5), 4, "tanh", "after-activation")

    for a, b in [
        ((3, 4), (4, 5)),
        ((1, 1), (1, 1)),
        ((2, 3, 4), (2, 4, 5)),
        ((2, 3, 4), (4, 2)),
        ((3, 4), (5, 4, 2)),
        ((2, 1, 3, 4), (5, 4, 1)),
        ((3, 1, 2, 2), (1, 4, 2, 3)),
    ]:
        x, y = g.normal(*a), g.normal(*b)
        g.add(f"{list(a)} by {list(b)}", "matmul", {}, [x, y], [single(double(x) @ double(y))])


def pooling(g):
    def both(name, shape, w, offset=0.0):
        x = g.normal(*shape) + np.float32(offset)
        kernel, stride, dilation, padding, ceil = w.values()
        symmetric = padding[:2] == padding[2:]
        edge = padding[:2] if symmetric else 0
        y = F.max_pool2d(
            double(x) if symmetric else pad2d(double(x), padding, -np.inf), kernel, stride, edge, dilation, ceil
        )
        g.add(name, "max-pool2d", w, [x], [single(y)])
        if dilation != (1, 1):
            return
        for include in (True, False) if symmetric else (True,):
            source = double(x) if symmetric else pad2d(double(x), padding)
            y = F.avg_pool2d(source, kernel, stride, edge, ceil, include)
            counted = "padding counted" if include else "padding not counted"
            g.add(f"{name}, {counted}", "average-pool2d", {**w, "countIncludePad": include}, [x], [single(y)])

    both("1x1", (1, 1, 1, 1), window((1, 1)))
    both("2x2 with stride 2", (2, 3, 6, 4), window((2, 2), (2, 2)))
    both("3x3 with padding 1 and stride 2", (1, 3, 7, 9), window((3, 3), (2, 2), padding=(1, 1, 1, 1)))
    both("all values negative", (1, 2, 5, 5), window((3, 3), padding=(1, 1, 1, 1)), offset=-10)
    both("unequal window and stride", (1, 2, 8, 7), window((3, 2), (1, 3)))
    both("asymmetric padding", (1, 2, 5, 6), window((3, 3), (2, 2), padding=(0, 1, 2, 1)))
    both("dilation", (1, 2, 9, 9), window((3, 2), (2, 1), (2, 3), (1, 1, 1, 1)))
    both("ceil mode", (1, 2, 6, 7), window((3, 3), (2, 2), ceil=True))
    both("ceil mode with padding", (2, 2, 6, 5), window((3, 3), (2, 2), padding=(1, 1, 1, 1), ceil=True))
    both(
        "ceil mode dropping a window that starts in the padding",
        (1, 1, 5, 5),
        window((2, 2), (3, 3), padding=(1, 1, 1, 1), ceil=True),
    )
    both("ceil mode with stride beyond the kernel", (1, 1, 7, 8), window((1, 2), (3, 4), ceil=True))

    x = g.normal(1, 1, 5, 5)
    x[0, 0, 1, 1], x[0, 0, 3, 3], x[0, 0, 3, 0] = np.nan, np.inf, -np.inf
    g.add("NaN and infinity", "max-pool2d", window((2, 2)), [x], [single(F.max_pool2d(double(x), 2, 1))])
    g.add(
        "NaN and infinity",
        "average-pool2d",
        {**window((2, 2)), "countIncludePad": False},
        [x],
        [single(F.avg_pool2d(double(x), 2, 1))],
    )
    x = g.normal(2, 3, 4, 5) - np.float32(5)
    g.add("mean", "global-pool2d", {"fn": "mean"}, [x], [single(F.adaptive_avg_pool2d(double(x), 1))])
    g.add(
        "max, all values negative", "global-pool2d", {"fn": "max"}, [x], [single(F.adaptive_max_pool2d(double(x), 1))]
    )
    x[0, 1, 2, 2] = np.nan
    g.add("NaN in one channel", "global-pool2d", {"fn": "max"}, [x], [single(F.adaptive_max_pool2d(double(x), 1))])


def resizing(g):
    modes = [
        ("nearest", "nearest", "asymmetric", None),
        ("nearest-exact", "nearest", "half-pixel", None),
        ("bilinear", "linear", "half-pixel", False),
        ("bilinear", "linear", "align-corners", True),
        ("bicubic", "cubic", "half-pixel", False),
        ("bicubic", "cubic", "align-corners", True),
    ]
    sizes = [
        ((4, 5), (8, 10)),
        ((4, 5), (12, 15)),
        ((6, 8), (3, 4)),
        ((5, 7), (8, 6)),
        ((3, 3), (1, 1)),
        ((1, 1), (3, 2)),
        ((7, 6), (4, 13)),
        ((8, 14), (6, 8)),
    ]
    for (torch_mode, mode, coordinates, corners), (before, after) in itertools.product(modes, sizes):
        x = g.normal(1, 2, *before)
        # float32, because PyTorch finds source coordinates in the type of the picture.
        y = F.interpolate(torch.from_numpy(x), size=after, mode=torch_mode, align_corners=corners)
        attributes = {
            "mode": mode,
            "coordinates": coordinates,
            "rounding": "floor" if torch_mode == "nearest" else "round-prefer-ceil",
            "size": after,
            "scale": [a / b for a, b in zip(after, before)],
            "cubicA": -0.75,
        }
        g.add(f"{mode}, {coordinates}, {list(before)} to {list(after)}", "resize2d", attributes, [x], [y.numpy()])


def normalisation(g):
    for name, shape in [("picture", (2, 3, 4, 5)), ("rank 2", (4, 3)), ("rank 5", (2, 3, 2, 2, 2))]:
        x = g.normal(*shape, scale=3)
        scale, bias, mean, variance = g.normal(3), g.normal(3), g.normal(3), g.uniform(0.01, 4, 3)
        y = F.batch_norm(*map(double, (x, mean, variance, scale, bias)), eps=1e-3)
        g.add(name, "batch-norm", {"epsilon": 1e-3}, [x, scale, bias, mean, variance], [single(y)])
    for name, shape, offset in [
        ("picture", (2, 3, 4, 5), 0),
        ("rank 3", (2, 3, 7), 0),
        ("far from zero", (1, 3, 8, 8), 1000),
    ]:
        x = g.normal(*shape) + np.float32(offset)
        scale, bias = g.normal(3), g.normal(3)
        y = F.instance_norm(double(x), weight=double(scale), bias=double(bias), eps=1e-5)
        g.add(name, "instance-norm", {"epsilon": 1e-5}, [x, scale, bias], [single(y)])
    for name, shape, axis in [
        ("last axis", (2, 3, 7), 2),
        ("last two axes", (2, 3, 4), 1),
        ("whole tensor", (3, 5), 0),
    ]:
        x, scale, bias = g.normal(*shape), g.normal(*shape[axis:]), g.normal(*shape[axis:])
        y = F.layer_norm(double(x), shape[axis:], double(scale), double(bias), 1e-5)
        g.add(name, "layer-norm", {"axis": axis, "epsilon": 1e-5}, [x, scale, bias], [single(y)])


def softmaxes(g):
    inputs = {
        "rows": (g.normal(3, 7), 1),
        "channels": (g.normal(2, 5, 3, 2), 1),
        "first axis": (g.normal(4, 3), 0),
        "large magnitudes": (g.normal(3, 5, scale=1e4), 1),
        "one value": (g.normal(2, 1), 1),
        "minus infinity masks": (np.where(g.normal(3, 6) > 0, -np.inf, 1).astype(np.float32), 1),
        "NaN": (np.array([[1, np.nan, 2], [1, 2, 3]], np.float32), 1),
        "plus infinity": (np.array([[1, np.inf, 2]], np.float32), 1),
    }
    for name, (x, axis) in inputs.items():
        g.add(name, "softmax", {"axis": axis, "log": False}, [x], [single(F.softmax(double(x), axis))])
        g.add(f"{name}, log", "softmax", {"axis": axis, "log": True}, [x], [single(F.log_softmax(double(x), axis))])


def reductions(g):
    def prod(x, axes, keep):
        for axis in sorted(axes, reverse=True):
            x = torch.prod(x, axis, keep)
        return x

    functions = {
        "mean": torch.mean,
        "sum": torch.sum,
        "max": torch.amax,
        "min": torch.amin,
        "prod": prod,
        "sum-square": lambda x, axes, keep: torch.sum(x * x, axes, keep),
        "l1": lambda x, axes, keep: torch.linalg.vector_norm(x, 1, axes, keep),
        "l2": lambda x, axes, keep: torch.linalg.vector_norm(x, 2, axes, keep),
        "log-sum-exp": torch.logsumexp,
    }

    infinite = np.array([[1, -np.inf, 2], [np.nan, 1, 2], [np.inf, 1, 0], [-np.inf] * 3], np.float32)
    for fn, function in functions.items():
        for name, x, axes, keep in [
            ("spatial axes kept", g.normal(2, 3, 4, 5), (2, 3), True),
            ("first axis dropped", g.normal(4, 3), (0,), False),
            ("axes apart", g.normal(2, 3, 4), (0, 2), False),
            ("everything", g.normal(3, 4), (0, 1), False),
            ("NaN and infinity", infinite, (1,), False),
            ("large magnitudes", g.normal(2, 3, scale=1e3), (1,), True),
        ]:
            attributes = {"fn": fn, "axes": axes, "keepDims": keep}
            g.add(f"{fn}, {name}", "reduce", attributes, [x], [single(function(double(x), axes, keep))])
    x = g.integers(-50, 50, 3, 4)
    for fn in ("sum", "max", "min"):
        attributes = {"fn": fn, "axes": (1,), "keepDims": False}
        g.add(
            f"{fn} of int32",
            "reduce",
            attributes,
            [x],
            [functions[fn](torch.from_numpy(x), (1,), False).numpy().astype(np.int32)],
        )


def ssd_decoding(g):
    for name, clip, variances in [
        ("clipped", True, (0.1, 0.2)),
        ("not clipped", False, (0.1, 0.2)),
        ("unit variances", False, (1, 1)),
    ]:
        offsets = g.normal(2, 9, 4)
        defaults = np.concatenate([g.uniform(0, 1, 9, 2), g.uniform(0.05, 0.6, 9, 2)], 1)
        center, size = double(defaults)[:, :2], double(defaults)[:, 2:]
        moved = center + double(offsets)[..., :2] * variances[0] * size
        half = size * torch.exp(double(offsets)[..., 2:] * variances[1]) / 2
        boxes = torch.cat([moved - half, moved + half], 2)
        boxes = boxes.clamp(0, 1) if clip else boxes
        g.add(name, "ssd-decode", {"variances": variances, "clip": clip}, [offsets, defaults], [single(boxes)])


def upsampling(g):
    for mode, kernel, skip_channels, act in [
        ("nearest", (3, 3), 3, "relu"),
        ("linear", (3, 3), 3, None),
        ("linear", (5, 1), 0, "sigmoid"),
    ]:
        low, w = g.normal(2, 5, 3, 4), g.normal(4, 5 + skip_channels, *kernel, scale=0.5)
        b, skip = g.normal(4), g.normal(2, skip_channels, 6, 8)
        smooth = {"mode": "bilinear", "align_corners": False} if mode == "linear" else {"mode": "nearest"}
        joined = torch.cat([F.interpolate(double(low), scale_factor=2, **smooth), double(skip)], 1)
        y = F.conv2d(joined, double(w), double(b), padding=[k // 2 for k in kernel])
        attributes = {"mode": mode, "activation": epilogue(act)["activation"]}
        inputs = [low, w, b, *([skip] if skip_channels else [])]
        g.add(f"{mode}, {list(kernel)}, skip of {skip_channels}", "upsample-conv2d", attributes, inputs, [
            single(finish(y, None, act, "none"))
        ])
    x, w, b, coarse = g.normal(2, 3, 4, 6), g.normal(5, 3, 1, 1), g.normal(5), g.normal(2, 5, 2, 2)
    upper = F.interpolate(double(coarse), size=(4, 6), mode="nearest")
    y = F.conv2d(double(x), double(w), double(b)) + upper
    plain = {"stride": (1, 1), "dilation": (1, 1), "padding": (0, 0, 0, 0), "groups": 1}
    attributes = {**plain, **epilogue("relu", "before-activation")}
    g.add("a residual whose pixels are repeated", "conv2d", attributes, [x, w, b, coarse], [single(F.relu(y))])


def make():
    g = Goldens(seed=1)
    for part in (convolutions, products, pooling, resizing, normalisation, softmaxes, reductions, ssd_decoding, upsampling):
        part(g)
    return g
