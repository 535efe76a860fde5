"""The form of a golden: one operator, its attributes, its inputs, and what somebody else's implementation answers."""

import base64
import json

import numpy as np

DTYPES = {"float32": "<f4", "int32": "<i4", "bool": "u1"}
EPILOGUE = {"activation": {"fn": "identity", "alpha": 0, "beta": 0}, "residual": "none"}


def dtype_of(array):
    kind = np.asarray(array).dtype.kind
    return {"f": "float32", "i": "int32", "b": "bool"}[kind]


def encode(array):
    dtype = dtype_of(array)
    data = np.ascontiguousarray(array).astype(DTYPES[dtype])
    return {"dtype": dtype, "shape": list(np.shape(array)), "data": base64.b64encode(data.tobytes()).decode()}


class Goldens:
    """A list of cases with a seeded source of inputs, so that making them again makes them the same."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.cases = []

    def normal(self, *shape, scale=1.0):
        return (self.random.standard_normal(shape) * scale).astype(np.float32)

    def uniform(self, low, high, *shape):
        return self.random.uniform(low, high, shape).astype(np.float32)

    def integers(self, low, high, *shape):
        return self.random.integers(low, high, shape).astype(np.int32)

    def add(self, name, op, attributes, inputs, outputs):
        assert all(case["op"] != op or case["name"] != name for case in self.cases), f"{op}: {name} is there twice"
        self.cases.append(
            {
                "op": op,
                "name": name,
                "attributes": attributes,
                "inputs": [encode(i) for i in inputs],
                "outputs": [encode(o) for o in outputs],
            }
        )

    def write(self, path):
        lines = ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in self.cases)
        path.write_text(f"[\n{lines}\n]\n")
        print(f"{path.name}: {len(self.cases)} cases, {path.stat().st_size} bytes")


def window(kernel, stride=(1, 1), dilation=(1, 1), padding=(0, 0, 0, 0), ceil=False):
    """Attributes of a pooling window; padding is top, left, bottom, right."""
    return {"kernel": kernel, "stride": stride, "dilation": dilation, "padding": padding, "ceilMode": ceil}


def unary(fn, alpha=0, beta=0):
    return {"fn": fn, "alpha": alpha, "beta": beta}
