"""Elements that are not zero, by NumPy."""

import numpy as np
from golden import Goldens


def make():
    g = Goldens(seed=10)
    sparse = g.normal(3, 4, 5) * (g.uniform(0, 1, 3, 4, 5) < 0.3)
    for name, x in [
        ("three axes", sparse),
        ("a vector", np.array([0, 1, -0.0, np.nan, np.inf, -2, 1e-30], np.float32)),
        ("int32", g.integers(-1, 2, 4, 6)),
        ("bool", g.normal(2, 7) > 0),
        ("nothing", np.zeros((2, 3), np.float32)),
    ]:
        found = np.argwhere(x)
        indices = np.full((x.size, x.ndim), -1, np.int32)
        indices[: len(found)] = found
        g.add(name, "non-zero", {}, [x], [indices, np.array([len(found)], np.int32)])
    return g
