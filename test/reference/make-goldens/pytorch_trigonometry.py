"""Trigonometric and hyperbolic functions and the tests for NaN and infinity, by PyTorch."""

import numpy as np
import torch
from golden import Goldens, unary
from pytorch_cases import double, single
from pytorch_elementwise import CORNERS, SPECIAL

FUNCTIONS = ("tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh")


def make():
    g = Goldens(seed=7)
    x = np.concatenate([CORNERS, SPECIAL, np.array([1, -1, 0.75, -0.99], np.float32), g.uniform(-3, 3, 30)])
    for fn in FUNCTIONS:
        g.add(fn, "unary", unary(fn), [x], [single(getattr(torch, fn)(double(x)))])
    infinite = {(1, 1): torch.isinf, (1, 0): torch.isneginf, (0, 1): torch.isposinf}
    for (negative, positive), function in infinite.items():
        attributes = unary("is-inf", negative, positive)
        g.add(f"is-inf, {negative} and {positive}", "unary", attributes, [x], [single(function(double(x)))])
    g.add("is-nan", "unary", unary("is-nan"), [x], [single(torch.isnan(double(x)))])
    return g
