"""Rows replaced by updates or combined with them: NumPy's unbuffered operations, which go through updates in order."""

import numpy as np
from golden import Goldens

FUNCTIONS = {"add": np.add, "mul": np.multiply, "max": np.maximum, "min": np.minimum}


def make():
    g = Goldens(seed=9)
    inputs = {
        "rows": (g.normal(5, 3, 2), g.integers(0, 5, 9), g.normal(9, 3, 2)),
        "single elements": (g.normal(8), g.integers(0, 8, 6), g.normal(6)),
        "int32": (g.integers(-(2**31), 2**31, 4, 2), g.integers(0, 4, 7), g.integers(-(2**31), 2**31, 7, 2)),
        "NaN and infinity": (
            np.array([np.nan, 1, -np.inf, np.inf], np.float32),
            np.array([0, 1, 1, 2, 3, 2], np.int32),
            np.array([1, np.nan, 2, 5, -1, np.inf], np.float32),
        ),
    }
    for name, (x, indices, updates) in inputs.items():
        y = x.copy()
        y[indices] = updates
        g.add(f"none, {name}", "scatter", {"reduction": "none"}, [x, indices, updates], [y])
        for reduction, function in FUNCTIONS.items():
            y = x.astype(np.float64) if x.dtype == np.float32 else x.copy()
            function.at(y, indices, updates.astype(y.dtype))
            g.add(f"{reduction}, {name}", "scatter", {"reduction": reduction}, [x, indices, updates], [y])
    return g
