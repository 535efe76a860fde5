"""Everything that moves values without arithmetic, by NumPy."""

import numpy as np
from golden import Goldens


def layout(g):
    x = g.normal(2, 3, 4)
    for axis in range(3):
        parts = [g.normal(*(n if i == axis else d for i, d in enumerate(x.shape))) for n in (1, 5, 2)]
        g.add(f"three along axis {axis}", "concat", {"axis": axis}, parts, [np.concatenate(parts, axis)])
    g.add("a single one", "concat", {"axis": 1}, [x], [x])
    integers = [g.integers(-9, 9, 2, 2), g.integers(-9, 9, 2, 1)]
    g.add("int32", "concat", {"axis": 1}, integers, [np.concatenate(integers, 1)])

    x = g.normal(3, 7, 4)
    for axis, sizes in [(1, (2, 4, 1)), (0, (1, 2)), (2, (4,)), (2, (1, 1, 1, 1))]:
        parts = np.split(x, np.cumsum(sizes)[:-1], axis)
        g.add(f"axis {axis} into {list(sizes)}", "split", {"axis": axis, "sizes": sizes}, [x], parts)

    for name, x, index in [
        ("a corner", g.normal(4, 5, 6), np.s_[1:3, 0:2, 4:6]),
        ("every second and third", g.normal(7, 8), np.s_[1:7:2, 0:8:3]),
        ("backwards", g.normal(4, 5), np.s_[::-1, 3:0:-2]),
        ("nothing", g.normal(3, 4), np.s_[1:1, :]),
        ("int32", g.integers(0, 99, 9), np.s_[2:9:3,]),
    ]:
        ranges = [range(*s.indices(d)) for s, d in zip(index, x.shape)]
        attributes = {
            "starts": [r.start for r in ranges],
            "steps": [r.step for r in ranges],
            "sizes": [len(r) for r in ranges],
        }
        g.add(name, "slice", attributes, [x], [x[index]])

    for mode in ("constant", "reflect", "edge", "wrap"):
        for name, shape, before, after in [
            ("a picture", (1, 2, 4, 5), (0, 0, 1, 2), (0, 0, 3, 1)),
            ("every axis", (3, 4), (2, 1), (1, 2)),
            ("nothing", (2, 3), (0, 0), (0, 0)),
        ]:
            x = g.normal(*shape)
            value = 1.5 if mode == "constant" else 0
            options = {"constant_values": value} if mode == "constant" else {}
            y = np.pad(x, list(zip(before, after)), mode, **options)
            g.add(f"{mode}, {name}", "pad", {"mode": mode, "before": before, "after": after, "value": value}, [x], [y])
    x = g.normal(4, 6)
    cropped = np.pad(x[1:, :-2], [(0, 2), (3, 0)])
    g.add(
        "cropping one side, padding the other",
        "pad",
        {"mode": "constant", "before": (-1, 3), "after": (2, -2), "value": 0},
        [x],
        [cropped],
    )
    x = g.integers(0, 9, 3)
    g.add(
        "int32",
        "pad",
        {"mode": "constant", "before": (1,), "after": (2,), "value": 7},
        [x],
        [np.pad(x, (1, 2), constant_values=7)],
    )

    for permutation in [(0, 2, 3, 1), (3, 1, 0, 2), (0, 1, 2, 3)]:
        x = g.normal(2, 3, 4, 5)
        g.add(f"to {list(permutation)}", "transpose", {"permutation": permutation}, [x], [x.transpose(permutation)])
    x = g.normal(2, 3, 4)
    g.add("to a matrix", "reshape", {"shape": (6, 4)}, [x], [x.reshape(6, 4)])
    x = g.integers(0, 9, 6)
    g.add("int32 to rank 3", "reshape", {"shape": (1, 2, 3)}, [x], [x.reshape(1, 2, 3)])
    for before, after in [((3, 1), (3, 4)), ((4,), (2, 3, 4)), ((2, 1, 3, 1), (2, 5, 3, 2)), ((), (2, 2))]:
        x = g.normal(*before)
        g.add(f"{list(before)} to {list(after)}", "expand", {"shape": after}, [x], [np.broadcast_to(x, after)])
    for shape, repeats in [((2, 3), (2, 1)), ((1, 2, 3), (3, 2, 2)), ((4,), (0,))]:
        x = g.normal(*shape)
        g.add(f"{list(shape)} by {list(repeats)}", "tile", {"repeats": repeats}, [x], [np.tile(x, repeats)])


def indexing(g):
    for name, x, indices, axis in [
        ("rows", g.normal(5, 3), np.array([4, 0, 0], np.int32), 0),
        ("a matrix of indices in the middle", g.normal(2, 6, 3), g.integers(0, 6, 2, 4), 1),
        ("negative indices", g.normal(3, 4), np.array([-1, -4, 2], np.int32), 1),
        ("one index drops the axis", g.normal(3, 4), np.array(2, np.int32), 0),
        ("int32 values", g.integers(-9, 9, 7), np.array([[6, 1]], np.int32), 0),
    ]:
        g.add(name, "gather", {"axis": axis}, [x, indices], [np.take(x, indices, axis)])

    for fn, function in (("argmax", np.argmax), ("argmin", np.argmin)):
        attributes = {"fn": fn, "axis": 1, "keepDims": False, "selectLast": False}
        x = g.normal(2, 7, 3)
        g.add(f"{fn} of the middle axis", "argmax", attributes, [x], [function(x, 1).astype(np.int32)])
        g.add(
            f"{fn} kept",
            "argmax",
            {**attributes, "axis": 2, "keepDims": True},
            [x],
            [function(x, 2)[..., None].astype(np.int32)],
        )
        x = g.integers(0, 3, 5, 9)
        g.add(f"{fn}, the first of ties, int32", "argmax", attributes, [x], [function(x, 1).astype(np.int32)])
        flipped = 8 - function(x[:, ::-1], 1).astype(np.int32)
        g.add(
            f"{fn}, the last of ties", "argmax", {**attributes, "selectLast": True}, [x.astype(np.float32)], [flipped]
        )
        x = np.array([[1, np.nan, 3, np.nan], [np.inf, 1, -np.inf, 2], [-np.inf] * 4, [np.nan] * 4], np.float32)
        g.add(f"{fn}, NaN and infinity", "argmax", attributes, [x], [function(x, 1).astype(np.int32)])

    for name, condition, a, b in [
        ("equal shapes", g.normal(2, 3) > 0, g.normal(2, 3), g.normal(2, 3)),
        ("everything broadcasts", g.normal(4, 1) > 0, g.normal(3, 1, 2), g.normal(2)),
        ("int32 branches", g.normal(5) > 0, g.integers(0, 9, 5), g.integers(0, 9, 1)),
        (
            "NaN in the branch not taken",
            np.array([True, False]),
            np.array([1, np.nan], np.float32),
            np.array([np.nan, 2], np.float32),
        ),
    ]:
        g.add(name, "where", {}, [condition, a, b], [np.where(condition, a, b)])


def casting(g):
    x = np.concatenate([g.normal(10, scale=100), np.array([0.5, -0.5, 1.999, -1.999, 0, -0.0, 2**30], np.float32)])
    for source in (x, x.astype(np.int32), x > 0):
        for to, dtype in (("float32", np.float32), ("int32", np.int32), ("bool", np.bool_)):
            g.add(f"{source.dtype.name} to {to}", "cast", {"to": to}, [source], [source.astype(dtype)])
    special = np.array([np.nan, np.inf, -np.inf, 0], np.float32)
    g.add("NaN and infinity to bool", "cast", {"to": "bool"}, [special], [special.astype(np.bool_)])


def make():
    g = Goldens(seed=3)
    for part in (layout, indexing, casting):
        part(g)
    return g
