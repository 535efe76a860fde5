"""The greatest and least values of rows: PyTorch's stable sort, cut off behind the first k."""

import numpy as np
import torch
from golden import Goldens


def make():
    g = Goldens(seed=6)

    def add(name, x, k, axis):
        for largest in (True, False):
            values, indices = torch.sort(torch.from_numpy(x), dim=axis, descending=largest, stable=True)
            outputs = [part.narrow(axis, 0, k).numpy() for part in (values, indices.int())]
            direction = "greatest" if largest else "least"
            g.add(f"{direction}: {name}", "top-k", {"k": k, "axis": axis, "largest": largest}, [x], outputs)

    add("of rows", g.normal(3, 17), 4, 1)
    add("of channels", g.normal(2, 6, 3, 2), 2, 1)
    add("along the first axis, all of it", g.normal(5, 3), 5, 0)
    add("equal values, the lower index first", g.integers(0, 4, 3, 20).astype(np.float32), 20, 1)
    add("int32", np.concatenate([g.integers(-9, 9, 12), np.array([-(2**31), 2**31 - 1, 2**24 + 1], np.int32)]), 15, 0)
    special = [[1, np.nan, -np.inf, np.nan, np.inf, 0.0, -0.0], [np.nan, -1, np.inf, -np.inf, -np.inf, np.nan, 3]]
    add("NaN, infinity and both zeros", np.array(special, np.float32), 7, 1)
    add("none", g.normal(2, 3), 0, 1)
    return g
