"""Single ONNX operators with random shapes and attributes, answered by ONNX Runtime.

    python3 -m venv /tmp/outside && /tmp/outside/bin/pip install -r test/outside/requirements.txt
    /tmp/outside/bin/python test/outside/random_operators.py /tmp/operators SEED COUNT
    npm run --silent fovea -- conformance /tmp/operators --backend gpu

    /tmp/outside/bin/python test/outside/random_operators.py --results SEED COUNT

`--results` runs them on the references and on the GPU that FOVEA_ADAPTER names, SwiftShader by default, and keeps what came
out in random_operators.json. Five forms are left out. In four of them ONNX Runtime departs from ONNX's text: slices with
a negative step to the greatest integer, `align_corners` with scales that leave a fraction of a pixel, transposed
convolutions whose automatic padding is negative, and pools whose window does not fit. In the fifth, antialiased
`pytorch_half_pixel`, ONNX Runtime and ONNX's own evaluator disagree.
"""

import random
from pathlib import Path

import numpy as np
from onnx import helper
from random_cases import answered, main, model_of, write

# Both are seeded in `make`.
pick = random.Random()
rng = np.random.default_rng()


def floats(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def ints(*values):
    return np.array(values, np.int64)


def lengths(rank, most=6, least=1):
    return [pick.randint(least, most) for _ in range(rank)]


def choose(*values):
    return pick.choice(values)


def broadcast():
    """Two shapes that fit each other."""
    whole = lengths(pick.randint(0, 5))

    def part():
        shape = [d if pick.random() < 0.65 else 1 for d in whole]
        return shape[pick.randint(0, len(shape)) :] if pick.random() < 0.3 else shape

    return part(), part()


# Each maker returns the operator, its attributes, what is given at each run, and constants, in the order of the inputs; a
# constant of None is left out. `opset` and `outputs` among the attributes are for the network.


def conv():
    rank = choose(1, 2, 2, 2, 3)
    groups = choose(1, 1, 2, 4)
    inputs, outputs = groups * pick.randint(1, 9), groups * pick.randint(1, 9)
    if pick.random() < 0.25:
        groups, outputs = inputs, inputs * choose(1, 2)
    kernel = [choose(1, 2, 3, 3, 5, 7) for _ in range(rank)]
    attributes = {"group": groups, "kernel_shape": kernel, "strides": [choose(1, 1, 2, 3) for _ in range(rank)]}
    dilations = [1] * rank
    if pick.random() < 0.5:
        dilations = [choose(1, 1, 2, 3) for _ in range(rank)]
        attributes |= {"pads": [pick.randint(0, 2) for _ in range(2 * rank)], "dilations": dilations}
    else:
        attributes["auto_pad"] = choose("SAME_UPPER", "SAME_LOWER", "VALID")
    sides = [(k - 1) * d + 1 + pick.randint(0, 13) for k, d in zip(kernel, dilations)]
    weights = {"w": floats(outputs, inputs // groups, *kernel), "b": floats(outputs) if pick.random() < 0.6 else None}
    return "Conv", attributes, {"x": floats(choose(1, 2), inputs, *sides)}, weights


def conv_transpose():
    rank, groups = choose(1, 2, 2), choose(1, 1, 2, 3)
    inputs, outputs = groups * pick.randint(1, 6), pick.randint(1, 6)
    kernel, strides, dilations = lengths(rank, 5), lengths(rank, 3), [choose(1, 1, 2) for _ in range(rank)]
    most = [min(2, (k - 1) * d) for k, d in zip(kernel, dilations)]
    attributes = {"group": groups, "kernel_shape": kernel, "strides": strides, "dilations": dilations}
    attributes["pads"] = [pick.randint(0, m) for m in most + most]
    if pick.random() < 0.5:
        attributes["output_padding"] = [pick.randint(0, s - 1) for s in strides]
    weights = {"w": floats(inputs, outputs, *kernel), "b": floats(outputs * groups) if pick.random() < 0.6 else None}
    return "ConvTranspose", attributes, {"x": floats(1, inputs, *lengths(rank, 8, 2))}, weights


def pool():
    op, rank = choose("MaxPool", "AveragePool", "LpPool"), choose(1, 2, 2, 3)
    kernel = lengths(rank, 4)
    attributes = {"kernel_shape": kernel, "strides": lengths(rank, 3), "opset": 22}
    if pick.random() < 0.25:
        attributes["auto_pad"] = choose("SAME_UPPER", "SAME_LOWER", "VALID")
    else:
        attributes["pads"] = [pick.randint(0, k - 1) for k in kernel + kernel]
        attributes |= {"ceil_mode": 1} if pick.random() < 0.4 else {}
        attributes |= {"dilations": lengths(rank, 2)} if pick.random() < 0.3 else {}
    if op == "AveragePool":
        attributes["count_include_pad"] = pick.randint(0, 1)
    if op == "LpPool":
        attributes["p"] = choose(1, 2, 3)
    return op, attributes, {"x": floats(choose(1, 2), pick.randint(1, 6), *lengths(rank, 13, 7))}, {}


def resize():
    mode = choose("nearest", "linear", "cubic")
    places = choose("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric")
    attributes = {"mode": mode, "coordinate_transformation_mode": places, "opset": 19}
    if mode == "nearest":
        attributes["nearest_mode"] = choose("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
    elif pick.random() < 0.25 and places != "pytorch_half_pixel":
        attributes["antialias"] = 1
    if mode == "cubic":
        attributes |= {"cubic_coeff_a": choose(-0.5, -0.75), "exclude_outside": pick.randint(0, 1)}
    x = floats(1, pick.randint(1, 5), *lengths(2, 11, 3))
    if pick.random() < 0.5 or places == "align_corners":
        return "Resize", attributes, {"x": x}, {"r": None, "s": None, "sizes": ints(1, x.shape[1], *lengths(2, 20))}
    scales = [1, 1, *(choose(0.5, 0.6, 0.75, 1, 1.3, 1.5, 2, 2.5, 3, 4) for _ in range(2))]
    return "Resize", attributes, {"x": x}, {"r": None, "scales": np.array(scales, np.float32)}


def pad():
    rank, mode = pick.randint(1, 5), choose("constant", "reflect", "edge", "wrap")
    pads = ints(*(pick.randint(-1 if mode == "constant" else 0, 2) for _ in range(2 * rank)))
    value = np.float32(choose(0, 1.5, -2)).reshape(()) if mode == "constant" else None
    return "Pad", {"mode": mode, "opset": 19}, {"x": floats(*lengths(rank, 6, 3))}, {"pads": pads, "value": value}


def slice_part():
    rank = pick.randint(1, 5)
    axes = pick.sample(range(rank), pick.randint(1, rank))
    steps = [choose(1, 1, 2, 3, -1, -2) for _ in axes]
    ends = [choose(pick.randint(-9, 9), *((2**31 - 1, 2**63 - 1) if step > 0 else (-(2**31),))) for step in steps]
    constants = {
        "starts": ints(*(pick.randint(-9, 9) for _ in axes)),
        "ends": ints(*ends),
        "axes": ints(*(choose(axis, axis - rank) for axis in axes)),
        "steps": ints(*steps),
    }
    return "Slice", {}, {"x": floats(*lengths(rank, 8, 3))}, constants


def reduce():
    kinds = ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare")
    op, rank = choose(*kinds), pick.randint(1, 5)
    x = floats(*lengths(rank, 7))
    axes = pick.sample(range(rank), pick.randint(1, rank))
    attributes = {"keepdims": pick.randint(0, 1), "opset": 18}
    given = {"x": np.abs(x) + np.float32(0.1) if op == "LogSum" else x}
    if pick.random() < 0.15:
        return f"Reduce{op}", {**attributes, "noop_with_empty_axes": pick.randint(0, 1)}, given, {}
    return f"Reduce{op}", attributes, given, {"axes": ints(*(choose(axis, axis - rank) for axis in axes))}


def arg():
    rank = pick.randint(1, 4)
    x = rng.integers(-3, 3, lengths(rank, 7)).astype(np.float32)
    flags = {"keepdims": pick.randint(0, 1), "select_last_index": pick.randint(0, 1)}
    return choose("ArgMax", "ArgMin"), {"axis": pick.randint(-rank, rank - 1), **flags}, {"x": x}, {}


def softmax():
    rank = pick.randint(1, 5)
    x = floats(*lengths(rank, 9)) * np.float32(choose(1, 30))
    return choose("Softmax", "LogSoftmax", "Hardmax"), {"axis": pick.randint(-rank, rank - 1)}, {"x": x}, {}


def arithmetic():
    op = choose("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Mod", "Greater", "Less", "Equal", "LessOrEqual", "Mean", "Sum")
    x, y = (np.asarray(floats(*shape), np.float32) for shape in broadcast())
    if op == "Pow":
        x = np.asarray(np.abs(x) + np.float32(0.1))
    if op == "Equal":
        x, y = np.asarray(np.round(x)), np.asarray(np.round(y))
    attributes = {"fmod": 1} if op == "Mod" else {}
    return (op, attributes, {"x": x}, {"y": y}) if pick.random() < 0.4 else (op, attributes, {"x": x, "y": y}, {})


def whole_numbers():
    op = choose("Add", "Sub", "Mul", "Div", "Mod", "Max", "Min", "Equal", "Greater", "Less")
    x, y = (np.asarray(rng.integers(-50, 50, shape), np.int32) for shape in broadcast())
    if op in ("Div", "Mod"):
        y = np.where(y == 0, 7, y).astype(np.int32)
    return op, {"fmod": pick.randint(0, 1)} if op == "Mod" else {}, {"x": x, "y": y}, {}


# Where a function is defined, and without its steepest parts.
DOMAINS = {"Log": (0.01, 9), "Sqrt": (0, 9), "Asin": (-0.95, 0.95), "Acos": (-0.95, 0.95), "Atanh": (-0.95, 0.95),
           "Acosh": (1, 9), "Tan": (-1.4, 1.4), "Exp": (-5, 5), "Sinh": (-5, 5), "Cosh": (-5, 5)}
FUNCTIONS = [*DOMAINS, *"""Abs Neg Reciprocal Relu LeakyRelu Elu Selu Celu Sigmoid HardSigmoid HardSwish Tanh Softplus Softsign
    ThresholdedRelu Mish Gelu Erf Floor Ceil Round Sign Sin Cos Atan Asinh IsNaN IsInf Shrink""".split()]


def unary():
    op = choose(*FUNCTIONS)
    x = np.asarray(floats(*lengths(pick.randint(0, 5), 7)) * np.float32(choose(1, 1, 5)))
    if op in DOMAINS:
        x = np.asarray(np.clip(np.abs(x) if DOMAINS[op][0] >= 0 else x, *DOMAINS[op]), np.float32)
    if op == "Round":
        x = np.asarray(np.round(x * 4) / 2, np.float32)
    attributes = {"opset": 20}
    if op in ("LeakyRelu", "Elu", "ThresholdedRelu", "Celu"):
        attributes["alpha"] = choose(0.1, 0.5, 2.0)
    if op == "HardSigmoid":
        attributes |= {"alpha": 0.3, "beta": 0.4}
    if op == "Gelu":
        attributes["approximate"] = choose("none", "tanh")
    if op == "Shrink":
        attributes |= {"lambd": 0.5, "bias": choose(0.0, 0.2)}
    return op, attributes, {"x": x}, {}


def matmul():
    m, k, n = lengths(3, 20)
    batch = lengths(2, 3)

    def shape(last):
        lead = [d if pick.random() < 0.7 else 1 for d in batch]
        return [*lead[pick.randint(0, 2) :], *last]

    x, y = floats(*choose([k], shape([m, k]))), floats(*choose([k], shape([k, n])))
    return ("MatMul", {}, {"x": x}, {"y": y}) if pick.random() < 0.5 else ("MatMul", {}, {"x": x, "y": y}, {})


def gemm():
    m, k, n = lengths(3, 30)
    a, b = pick.randint(0, 1), pick.randint(0, 1)
    attributes = {"transA": a, "transB": b, "alpha": choose(1.0, 0.5), "beta": choose(1.0, 2.0)}
    bias = choose(None, (n,), (1, n), (m, 1), (m, n), (1, 1))
    weights = {"w": floats(*((n, k) if b else (k, n))), "c": floats(*bias) if bias else None}
    return "Gemm", attributes, {"x": floats(*((k, m) if a else (m, k)))}, weights


def gather():
    shape = lengths(pick.randint(1, 4), 7, 2)
    axis = pick.randrange(len(shape))
    if pick.random() < 0.5:
        places = [d if k == axis else pick.randint(1, d) for k, d in enumerate(shape)]
        indices = rng.integers(-shape[axis], shape[axis], places).astype(np.int64)
        return "GatherElements", {"axis": axis}, {"x": floats(*shape), "i": indices}, {}
    indices = np.asarray(rng.integers(-shape[axis], shape[axis], lengths(pick.randint(0, 3), 4)), np.int64)
    axis = choose(axis, axis - len(shape))
    return "Gather", {"axis": axis}, {"x": floats(*shape), "i": indices}, {}


def scatter():
    shape = lengths(pick.randint(1, 4), 6, 2)
    depth = pick.randint(1, len(shape))
    rows = rng.permutation(int(np.prod(shape[:depth])))[: pick.randint(1, 4)]
    indices = np.stack(np.unravel_index(rows, shape[:depth]), -1).astype(np.int64)
    updates = floats(len(rows), *shape[depth:])
    reduction = choose("none", "add", "mul", "max", "min")
    return "ScatterND", {"reduction": reduction, "opset": 18}, {"x": floats(*shape), "i": indices, "u": updates}, {}


def top_k():
    shape = lengths(pick.randint(1, 4), 12)
    axis = pick.randrange(len(shape))
    x = rng.integers(-4, 4, shape).astype(np.float32)
    attributes = {"axis": axis, "largest": pick.randint(0, 1), "outputs": 2}
    return "TopK", attributes, {"x": x}, {"k": ints(pick.randint(1, shape[axis]))}


def rearrange():
    shape = lengths(pick.randint(1, 5), 5)
    rank, x, block = len(shape), floats(*shape), pick.randint(1, 3)
    axis = pick.randrange(rank)
    parts = lengths(pick.randint(1, 4), 4)
    return choose(
        ("Transpose", {"perm": pick.sample(range(rank), rank)}, {"x": x}, {}),
        ("DepthToSpace", {"blocksize": block, "mode": choose("DCR", "CRD")}, {"x": floats(1, block**2 * 3, *lengths(2))}, {}),
        ("SpaceToDepth", {"blocksize": block}, {"x": floats(1, 3, *(block * d for d in lengths(2)))}, {}),
        ("Tile", {}, {"x": x}, {"r": ints(*lengths(rank, 3))}),
        ("Expand", {}, {"x": x}, {"s": ints(*(d if d > 1 else pick.randint(1, 4) for d in shape))}),
        ("Concat", {"axis": axis - rank}, {f"x{k}": floats(*shape[:axis], d, *shape[axis + 1 :]) for k, d in enumerate(parts)}, {}),
        ("Split", {"axis": axis, "outputs": len(parts)}, {"x": floats(*shape[:axis], sum(parts), *shape[axis + 1 :])},
         {"p": ints(*parts)}),
        ("Flatten", {"axis": pick.randint(-rank, rank)}, {"x": x}, {}),
        ("CumSum", {"exclusive": pick.randint(0, 1), "reverse": pick.randint(0, 1)}, {"x": x}, {"a": ints(axis).reshape(())}),
        ("Trilu", {"upper": pick.randint(0, 1)}, {"x": floats(2, *lengths(2))}, {"k": ints(pick.randint(-4, 4)).reshape(())}),
        ("Where", {}, {"c": floats(*shape) > 0, "x": x, "y": floats(*shape[axis:])}, {}),
        ("OneHot", {"axis": choose(-1, 0)}, {"i": rng.integers(-6, 6, shape[:3]).astype(np.int64)},
         {"d": ints(6).reshape(()), "v": np.array([0.5, 2], np.float32)}),
    )


def normalise():
    channels, groups = pick.randint(1, 6), pick.randint(1, 3)
    x, vectors = floats(choose(1, 2), channels, *lengths(2, 6, 2)), {"s": floats(channels), "b": floats(channels)}
    rank = pick.randint(1, 4)
    rows = floats(*lengths(rank, 8, 2))
    axis = pick.randrange(rank)
    of_groups = groups * pick.randint(1, 4)
    return choose(
        ("InstanceNormalization", {"epsilon": 1e-3}, {"x": x}, vectors),
        ("BatchNormalization", {"epsilon": 1e-3}, {"x": x},
         {**vectors, "m": floats(channels), "v": np.abs(floats(channels)) + np.float32(0.1)}),
        ("LayerNormalization", {"axis": axis - rank}, {"x": rows}, {"s": floats(*rows.shape[axis:]), "b": floats(*rows.shape[axis:])}),
        ("GroupNormalization", {"num_groups": groups, "opset": 21}, {"x": floats(1, of_groups, *lengths(2, 6, 2))},
         {"s": floats(of_groups), "b": floats(of_groups)}),
        ("LRN", {"size": choose(1, 3, 5), "alpha": 0.1, "beta": 0.6, "bias": choose(1.0, 2.0)}, {"x": x}, {}),
        ("LpNormalization", {"axis": axis, "p": pick.randint(1, 2)}, {"x": rows}, {}),
        ("MeanVarianceNormalization", {}, {"x": x}, {}),
    )


def recurrent():
    op = choose("LSTM", "GRU", "RNN")
    steps, batch, inputs, hidden = lengths(4)
    direction = choose("forward", "reverse", "bidirectional")
    ways, gates = 2 if direction == "bidirectional" else 1, {"LSTM": 4, "GRU": 3, "RNN": 1}[op]
    attributes = {"hidden_size": hidden, "direction": direction, "outputs": 3 if op == "LSTM" else 2}
    if op == "GRU":
        attributes["linear_before_reset"] = pick.randint(0, 1)
    weights = {"w": floats(ways, gates * hidden, inputs), "r": floats(ways, gates * hidden, hidden),
               "b": floats(ways, 2 * gates * hidden)}
    return op, attributes, {"x": floats(steps, batch, inputs)}, weights


def sample():
    x = floats(2, pick.randint(1, 5), *lengths(2, 9, 6))
    count = pick.randint(1, 4)
    corners = np.sort(rng.random((count, 2, 2)) * 10, 1).reshape(count, 4).astype(np.float32)
    grid = (rng.random((2, *lengths(2), 2)) * 3 - 1.5).astype(np.float32)
    mode, padding = choose("linear", "nearest", "cubic"), choose("zeros", "border", "reflection")
    ratio = pick.randint(0, 3)
    regions = {
        "mode": "avg" if ratio == 0 else choose("avg", "max"),
        **{"output_height": pick.randint(1, 4), "output_width": pick.randint(1, 4), "sampling_ratio": ratio},
        **{"spatial_scale": choose(1.0, 0.5), "coordinate_transformation_mode": choose("half_pixel", "output_half_pixel")},
        "opset": 16,
    }
    return choose(
        ("GridSample", {"mode": mode, "padding_mode": padding, "align_corners": pick.randint(0, 1), "opset": 20},
         {"x": x, "g": grid}, {}),
        ("RoiAlign", regions, {"x": x, "r": corners, "i": rng.integers(0, 2, count).astype(np.int64)}, {}),
    )


MAKERS = [conv, conv_transpose, pool, resize, pad, slice_part, reduce, arg, softmax, arithmetic, whole_numbers, unary, matmul,
          gemm, gather, scatter, top_k, rearrange, normalise, recurrent, sample]


def make(folder, seed, count):
    """So many operators that ONNX Runtime answers."""
    global rng
    pick.seed(seed)
    rng = np.random.default_rng(seed)
    written = 0
    while written < count:
        op, attributes, inputs, constants = choose(*MAKERS)()
        opset, outputs = attributes.pop("opset", 17), [f"y{k}" for k in range(attributes.pop("outputs", 1))]
        names = [*inputs, *(name if value is not None else "" for name, value in constants.items())]
        node = helper.make_node(op, names, outputs, **attributes)
        there = {name: value for name, value in constants.items() if value is not None}
        model = model_of([node], inputs, there, outputs, opset)
        answers = answered(model, inputs)
        if answers is not None:
            write(folder / f"{op.lower()}_{written}", model, inputs, answers)
            written += 1


if __name__ == "__main__":
    main(__doc__, make, Path(__file__).with_suffix(".json"))
