"""Every unary and binary function by PyTorch, at ordinary values, at their corners, at NaN and at infinity."""

import numpy as np
import torch
import torch.nn.functional as F
from golden import Goldens, unary
from pytorch_cases import ACTIVATIONS, double, single

UNARY = {
    **{name: [entry] for name, entry in ACTIVATIONS.items()},
    "identity": [(unary("identity"), lambda x: x)],
    "elu": [(unary("elu", a), lambda x, a=a: F.elu(x, a)) for a in (1, 0.5)],
    "celu": [(unary("celu", a), lambda x, a=a: F.celu(x, a)) for a in (1, 2.5)],
    "selu": [(unary("selu", 1.6732632423543772, 1.0507009873554805), F.selu)],
    "gelu": [(unary("gelu"), F.gelu)],
    "gelu-tanh": [(unary("gelu-tanh"), lambda x: F.gelu(x, approximate="tanh"))],
    "mish": [(unary("mish"), F.mish)],
    "softplus": [(unary("softplus"), F.softplus)],
    "softsign": [(unary("softsign"), F.softsign)],
    "exp": [(unary("exp"), torch.exp)],
    "log": [(unary("log"), torch.log)],
    "sqrt": [(unary("sqrt"), torch.sqrt)],
    "abs": [(unary("abs"), torch.abs)],
    "neg": [(unary("neg"), torch.neg)],
    "reciprocal": [(unary("reciprocal"), torch.reciprocal)],
    "floor": [(unary("floor"), torch.floor)],
    "ceil": [(unary("ceil"), torch.ceil)],
    "round": [(unary("round"), torch.round)],
    "sin": [(unary("sin"), torch.sin)],
    "cos": [(unary("cos"), torch.cos)],
    "erf": [(unary("erf"), torch.erf)],
    "sign": [(unary("sign"), torch.sign)],
}

BINARY = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "min": torch.minimum,
    "max": torch.maximum,
    "pow": torch.pow,
    "prelu": lambda x, slope: torch.where(x < 0, x * slope, x),
    "mod": torch.fmod,
    "equal": torch.eq,
    "less": torch.lt,
    "less-or-equal": torch.le,
    "greater": torch.gt,
    "greater-or-equal": torch.ge,
}

INTEGER = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": lambda a, b: torch.div(a, b, rounding_mode="trunc"),
    "min": torch.minimum,
    "max": torch.maximum,
    "mod": torch.remainder,
    "equal": torch.eq,
    "less": torch.lt,
    "greater-or-equal": torch.ge,
}

LOGICAL = {"and": torch.logical_and, "or": torch.logical_or, "xor": torch.logical_xor, "equal": torch.eq}

CORNERS = np.array([0, -0.0, 1e-8, -1e-8, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 3, -3, 6, -6, 30, -30, 80, -80], np.float32)
SPECIAL = np.array([np.nan, np.inf, -np.inf], np.float32)


def make():
    g = Goldens(seed=2)
    ordinary = np.concatenate([CORNERS, g.uniform(-4, 4, 30)])
    for fn, variants in UNARY.items():
        for attributes, function in variants:
            alpha = f", alpha {attributes['alpha']:g}" if attributes["alpha"] else ""
            g.add(f"{fn}{alpha}", "unary", attributes, [ordinary], [single(function(double(ordinary)))])
            # PyTorch's sign(NaN) is 0; IEEE 754 lets a NaN through.
            special = SPECIAL[1:] if fn == "sign" else SPECIAL
            g.add(f"{fn}{alpha}, NaN and infinity", "unary", attributes, [special], [single(function(double(special)))])
    truth = np.array([True, False, True])
    g.add("not", "unary", unary("not"), [truth], [~truth])

    shapes = [((2, 3, 4), (2, 3, 4)), ((2, 3, 4), (3, 1)), ((1, 4), (3, 1)), ((2, 3), ()), ((5,), (2, 1, 5))]
    for fn, function in BINARY.items():
        for left, right in shapes:
            # Powers of a negative number are NaN; a divisor near 0 says little about anything else.
            a = g.uniform(0.1, 3, *left) if fn == "pow" else g.normal(*left, scale=2)
            b = np.where(g.normal(*right) < 0, -1, 1) * g.uniform(0.5, 2, *right)
            b = np.asarray(b, np.float32)
            y = function(double(a), double(b))
            y = single(y) if y.dtype == torch.float64 else y.numpy()
            g.add(f"{fn} of {list(left)} and {list(right)}", "binary", {"fn": fn}, [a, b], [y])
        values = np.array([-2, -1, -0.0, 0, 1, 2, np.nan, np.inf, -np.inf], np.float32)
        a, b = values[:, None], values[None, :]
        y = function(double(a), double(b))
        y = single(y) if y.dtype == torch.float64 else y.numpy()
        g.add(f"{fn}, NaN and infinity", "binary", {"fn": fn}, [a, b], [y])
    for fn, function in INTEGER.items():
        a, b = g.integers(-100, 100, 4, 5), g.integers(1, 9, 5) * np.array([1, -1, 1, -1, 1], np.int32)
        y = function(torch.from_numpy(a), torch.from_numpy(b)).numpy()
        g.add(f"{fn} of int32", "binary", {"fn": fn}, [a, b], [y])
        if fn in ("add", "sub", "mul"):
            a, b = g.integers(-(2**31), 2**31, 8), g.integers(-(2**31), 2**31, 8)
            y = function(torch.from_numpy(a), torch.from_numpy(b)).numpy()
            g.add(f"{fn} of int32 beyond 32 bits", "binary", {"fn": fn}, [a, b], [y])
    for fn, function in LOGICAL.items():
        a, b = np.array([[False], [True]]), np.array([False, True])
        g.add(
            f"{fn} of bool", "binary", {"fn": fn}, [a, b], [function(torch.from_numpy(a), torch.from_numpy(b)).numpy()]
        )
    return g
