"""A separable convolution and one of single pixels by PyTorch in float64; what lies between two is rounded to float32."""

import torch.nn.functional as F
from golden import Goldens
from pytorch_cases import double, epilogue, finish, single


def make():
    g = Goldens(seed=37)
    plain = {"stride": (1, 1), "dilation": (1, 1), "padding": (0, 0, 0, 0)}
    for name, stride, order in [
        ("with stride", (2, 1), "none"),
        ("behind an inverted residual", (1, 1), "before-activation"),
    ]:
        x, filters, w, e = g.normal(2, 5, 6, 7), g.normal(5, 1, 3, 3), g.normal(4, 5, 1, 1), g.normal(9, 4, 1, 1)
        biases = g.normal(5), g.normal(4), g.normal(9)
        hidden = F.relu6(F.conv2d(double(x), double(filters), double(biases[0]), stride, 1, 1, 5))
        y = F.conv2d(hidden.float().double(), double(w), double(biases[1]))
        residual = [] if order == "none" else [g.normal(*y.shape)]
        y = finish(y, *(residual or [None]), "silu", order)
        z = F.relu6(F.conv2d(y.float().double(), double(e), double(biases[2])))
        depthwise = {**plain, "stride": stride, "padding": (1, 1, 1, 1), "groups": 5, **epilogue("relu6")}
        separable = {"depthwise": depthwise, "pointwise": {**plain, "groups": 1, **epilogue("silu", order)}}
        attributes = {"separable": separable, "expand": {**plain, "groups": 1, **epilogue("relu6")}}
        inputs = [x, filters, biases[0], w, biases[1], e, biases[2], *residual]
        g.add(name, "separable-expand", attributes, inputs, [single(y), single(z)])
    return g
