"""Gates of squeeze-and-excitation by PyTorch in float64; the mean and the value between two products are rounded to float32."""

import torch.nn.functional as F
from golden import Goldens
from pytorch_cases import ACTIVATIONS, double, single


def make():
    g = Goldens(seed=41)
    for name, functions, is_sum in [
        ("two products", ["relu", "sigmoid"], False),
        ("one product", ["hard-sigmoid"], False),
        ("of a sum", ["silu", "hard-sigmoid"], True),
    ]:
        x = g.normal(2, 6, 5, 7)
        addend = [g.normal(2, 6, 5, 7)] if is_sum else []
        y = single((double(x) + (double(*addend) if is_sum else 0)).float().double().mean((2, 3), keepdim=True))
        inputs = [x]
        for function, channels in zip(functions, [4, 9]):
            weight, bias = g.normal(channels, y.shape[1], 1, 1), g.normal(channels)
            y = single(ACTIVATIONS[function][1](F.conv2d(double(y), double(weight), double(bias))))
            inputs += [weight, bias]
        activations = [ACTIVATIONS[function][0] for function in functions]
        g.add(name, "squeeze-excite", {"activations": activations}, inputs + addend, [y])
    return g
