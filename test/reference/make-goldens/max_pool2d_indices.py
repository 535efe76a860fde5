"""Where max pooling finds its greatest pixels, by PyTorch."""

import numpy as np
import torch
import torch.nn.functional as F
from golden import Goldens, window


def make():
    g = Goldens(seed=8)

    def add(name, x, w):
        kernel, stride, dilation, padding, ceil = w.values()
        _, y = F.max_pool2d(torch.from_numpy(x), kernel, stride, padding[:2], dilation, ceil, return_indices=True)
        g.add(name, "max-pool2d-indices", w, [x], [y.int().numpy()])

    add("2x2 with stride 2", g.normal(2, 3, 6, 4), window((2, 2), (2, 2)))
    add("all negative, beside padding", g.normal(1, 2, 5, 7) - 9, window((3, 3), (2, 2), padding=(1, 1, 1, 1)))
    add("dilation", g.normal(1, 2, 9, 9), window((3, 2), (2, 1), (2, 3), (1, 1, 1, 1)))
    add("ceil mode", g.normal(1, 2, 6, 7), window((3, 3), (2, 2), ceil=True))
    add("equal pixels", g.integers(0, 3, 1, 2, 6, 6).astype(np.float32), window((3, 3), (1, 2), padding=(1, 1, 1, 1)))
    x = g.normal(1, 1, 5, 5)
    x[0, 0, 1, 1:3] = x[0, 0, 4, 0] = np.nan
    x[0, 0, 2, 3] = np.inf
    x[0, 0, 3:, 3:] = -np.inf
    add("NaN and infinity", x, window((2, 2)))
    return g
