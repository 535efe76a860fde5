"""Functions of one number in turn: PyTorch's, in float64 from the first to the last."""

import numpy as np
import torch
from golden import Goldens, unary


def make():
    g = Goldens(seed=12)

    def add(name, x, steps):
        y = torch.from_numpy(x).double()
        for _, apply in steps:
            y = apply(y)
        functions = [attributes for attributes, _ in steps]
        g.add(name, "unary-chain", {"functions": functions}, [x], [y.numpy().astype(np.float32)])

    leaky = (unary("leaky-relu", 0.5), lambda y: torch.nn.functional.leaky_relu(y, 0.5))
    clip = (unary("clip", -0.4, 0.6), lambda y: y.clamp(-0.4, 0.6))
    sigmoid = (unary("sigmoid"), torch.sigmoid)
    neg = (unary("neg"), torch.neg)
    add("each with its own parameters", g.normal(2, 3, 2, 4), [leaky, clip, sigmoid, neg])
    add("the same in another order", g.normal(3, 5), [neg, sigmoid, clip, leaky])
    special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 3e38], np.float32)
    add("NaN and infinities", special, [(unary("abs"), torch.abs), (unary("sqrt"), torch.sqrt), neg])
    return g
