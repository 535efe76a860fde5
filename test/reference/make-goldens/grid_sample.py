"""Samples at the points of a grid, by PyTorch."""

import itertools

import numpy as np
import torch.nn.functional as F
from golden import Goldens
from pytorch_cases import double, single

MODES = {"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"}


def make():
    g = Goldens(seed=5)

    def add(name, x, grid, mode, padding, align):
        y = F.grid_sample(double(x), double(grid), MODES[mode], padding, align)
        attributes = {"mode": mode, "padding": padding, "alignCorners": align}
        corners = "aligned corners" if align else "edges"
        g.add(f"{mode}, {padding}, {corners}: {name}", "grid-sample", attributes, [x, grid], [single(y)])

    edges = np.array([-1, 1, -0.75, 0.5, 0, 1.25, -3, 2.5], np.float32)
    halves = np.stack(np.meshgrid(edges, edges), -1)[None]
    for variant in itertools.product(MODES, ("zeros", "border", "reflection"), (False, True)):
        add("points in and around a picture", g.normal(2, 2, 4, 5), g.uniform(-2, 2, 2, 3, 4, 2), *variant)
        add("points far from it", g.normal(1, 1, 3, 2), g.uniform(-9, 9, 1, 4, 3, 2), *variant)
        add("edges and halves of pixels", g.normal(1, 1, 4, 8), halves, *variant)
        add("a single pixel", g.normal(1, 2, 1, 1), g.uniform(-2, 2, 1, 2, 3, 2), *variant)
    # Beyond a border PyTorch, too, takes infinity for the last pixel and NaN for the first.
    special = np.array([[[[np.nan, 0], [0, np.nan], [np.inf, -np.inf], [3e38, -3e38]]]], np.float32)
    for mode in ("nearest", "linear"):
        add("NaN and infinity", g.normal(1, 1, 3, 4), special, mode, "border", False)
    return g
