"""A depthwise convolution and one of single pixels, by PyTorch in float64; the value between them is rounded to float32."""

import torch.nn.functional as F
from golden import Goldens
from pytorch_cases import double, epilogue, finish, single


def make():
    g = Goldens(seed=31)
    plain = {"stride": (1, 1), "dilation": (1, 1), "padding": (0, 0, 0, 0)}
    for name, stride, dilation, order in [
        ("without a residual", (1, 1), (1, 1), "none"),
        ("with stride and dilation", (2, 1), (1, 2), "none"),
        ("an inverted residual", (1, 1), (1, 1), "before-activation"),
    ]:
        x, filters, w = g.normal(2, 5, 6, 7), g.normal(5, 1, 3, 3), g.normal(4, 5, 1, 1)
        padding = (1, 1, 1, 1)
        biases = g.normal(5), g.normal(4)
        hidden = F.relu6(F.conv2d(double(x), double(filters), double(biases[0]), stride, 1, dilation, 5))
        y = F.conv2d(hidden.float().double(), double(w), double(biases[1]))
        residual = [] if order == "none" else [g.normal(*y.shape)]
        depthwise = {**plain, "stride": stride, "dilation": dilation, "padding": padding, "groups": 5, **epilogue("relu6")}
        attributes = {"depthwise": depthwise, "pointwise": {**plain, "groups": 1, **epilogue("silu", order)}}
        inputs = [x, filters, biases[0], w, biases[1], *residual]
        g.add(name, "separable-conv2d", attributes, inputs, [single(finish(y, *(residual or [None]), "silu", order))])
    x, gate, w, addend = g.normal(2, 5, 6, 7), g.normal(1, 5, 1, 1), g.normal(4, 5, 1, 1), g.normal(2, 5, 6, 7)
    bias = g.normal(5), g.normal(4)
    hidden = double(x) * double(gate) + double(bias[0]).view(5, 1, 1) + double(addend)
    y = finish(F.conv2d(hidden.float().double(), double(w), double(bias[1])), None, "relu", "none")
    gating = {**plain, "groups": 5, **epilogue(None, "before-activation")}
    attributes = {"depthwise": gating, "pointwise": {**plain, "groups": 1, **epilogue("relu")}}
    g.add("a gate and an addend", "separable-conv2d", attributes, [x, gate, bias[0], w, bias[1], addend], [single(y)])
    return g
