"""The ends of residual blocks with a projected shortcut by PyTorch in float64."""

import torch.nn.functional as F
from golden import Goldens
from pytorch_cases import ACTIVATIONS, double, epilogue, single


def make():
    g = Goldens(seed=43)
    for name, kernel, pool, stride, picture, activation in [
        ("maxima of 2x2", (3, 3), (2, 2), (2, 2), (8, 11), "relu"),
        ("every second pixel", (3, 3), (1, 1), (2, 2), (7, 10), None),
        ("windows that overlap", (5, 1), (3, 2), (1, 2), (6, 10), "silu"),
    ]:
        x, weight, bias = g.normal(2, 5, 4, 5), g.normal(7, 5, *kernel, scale=0.5), g.normal(7)
        shortcut, projection = g.normal(2, 3, *picture), g.normal(7, 3, 1, 1, scale=0.5)
        y = F.conv2d(double(x), double(weight), double(bias), padding=[k // 2 for k in kernel])
        y = y + F.conv2d(F.max_pool2d(double(shortcut), pool, stride), double(projection))
        y = ACTIVATIONS[activation][1](y) if activation else y
        attributes = {"pool": pool, "stride": stride, "activation": epilogue(activation)["activation"]}
        g.add(name, "shortcut-conv2d", attributes, [x, weight, bias, shortcut, projection], [single(y)])
    return g
