"""Small networks of random layers, which fusion and the choice of kernels meet in every order, answered by ONNX Runtime.

    python3 -m venv /tmp/outside && /tmp/outside/bin/pip install -r test/outside/requirements.txt
    /tmp/outside/bin/python test/outside/random_chains.py /tmp/chains SEED COUNT
    npm run --silent fovea -- conformance /tmp/chains --backend gpu

    /tmp/outside/bin/python test/outside/random_chains.py --results SEED COUNT

`--results` runs them on the references and on the GPU that FOVEA_ADAPTER names, SwiftShader by default, and keeps what came
out in random_chains.json.
"""

import random
from pathlib import Path

import numpy as np
from onnx import helper
from random_cases import answered, main, model_of, write

MOST_CHANNELS, MOST_SIDE = 80, 40


class Chain:
    """A network under construction: `values` are feature maps with their shapes `(channels, height, width)`."""

    def __init__(self, seed):
        self.pick, self.rng = random.Random(seed), np.random.default_rng(seed)
        self.nodes, self.constants = [], {}
        self.batch = self.pick.choice([1, 1, 2])
        shape = (self.pick.choice([1, 3, 3, 4, 8]), self.pick.randint(7, 24), self.pick.randint(7, 24))
        self.values = [("x", shape)]

    def floats(self, *shape):
        return self.rng.standard_normal(shape).astype(np.float32)

    def constant(self, value):
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(value)
        return name

    def weight(self, *shape):
        return self.constant(self.floats(*shape) * np.float32(1.4 / np.sqrt(max(1, np.prod(shape[1:])))))

    def add(self, op, inputs, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], **attributes))
        return name

    def keep(self, value, *shape):
        self.values.append((value, shape))

    def alike(self, *size):
        """The feature maps of a height and width."""
        return [(value, shape) for value, shape in self.values if shape[1:] == size]

    def activated(self, x, channels):
        kind = self.pick.choice(
            "Relu Clip LeakyRelu Sigmoid HardSwish PRelu Tanh Silu Mish Gelu HardSigmoid Elu none none".split()
        )
        if kind == "none":
            return x
        if kind == "Clip":
            return self.add("Clip", [x, self.constant(np.float32(0)), self.constant(np.float32(6))])
        if kind == "PRelu":
            return self.add("PRelu", [x, self.constant(np.abs(self.floats(channels, 1, 1)))])
        if kind == "Silu":
            return self.add("Mul", [x, self.add("Sigmoid", [x])])
        if kind == "Mish":
            return self.add("Mul", [x, self.add("Tanh", [self.add("Softplus", [x])])])
        if kind == "Gelu":
            erf = self.add("Erf", [self.add("Div", [x, self.constant(np.float32(2**0.5))])])
            both = self.add("Mul", [x, self.add("Add", [erf, self.constant(np.float32(1))])])
            return self.add("Mul", [both, self.constant(np.float32(0.5))])
        return self.add(kind, [x])

    def conv(self, x, channels, height, width):
        pick = self.pick
        kernel, stride, dilation = pick.choice([1, 1, 3, 3, 3, 5]), pick.choice([1, 1, 1, 2]), pick.choice([1, 1, 1, 2])
        outputs, groups = pick.choice([channels, 4, 5, 8, 12, 16, 24, 33]), 1
        if pick.random() < 0.3:
            groups = outputs = channels
        elif pick.random() < 0.12 and channels % 2 == 0:
            groups, outputs = 2, outputs + outputs % 2
        padding = kernel // 2 * dilation
        size = [(side + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1 for side in (height, width)]
        if min(size) < 1:
            return
        inputs = [x, self.weight(outputs, channels // groups, kernel, kernel)]
        if pick.random() < 0.5:
            inputs.append(self.constant(self.floats(outputs) * np.float32(0.3)))
        window = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "dilations": [dilation] * 2, "pads": [padding] * 4}
        y = self.add("Conv", inputs, group=groups, **window)
        if pick.random() < 0.4:
            spread = lambda: np.abs(self.floats(outputs)) + np.float32(0.3)  # noqa: E731
            shift = lambda: self.floats(outputs) * np.float32(0.2)  # noqa: E731
            y = self.add("BatchNormalization", [y, *map(self.constant, (spread(), shift(), shift(), spread()))])
        others = [value for value, shape in self.values if shape == (outputs, *size)]
        if others and pick.random() < 0.3:
            y = self.add(pick.choice(["Add", "Add", "Mul"]), pick.sample([y, pick.choice(others)], 2))
        self.keep(self.activated(y, outputs), outputs, *size)

    def pool(self, x, channels, height, width):
        if min(height, width) >= 4:
            window = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}
            y = self.add(self.pick.choice(["MaxPool", "AveragePool"]), [x], **window)
            self.keep(y, channels, (height - 1) // 2 + 1, (width - 1) // 2 + 1)

    def enlarge(self, x, channels, height, width):
        if max(height, width) > MOST_SIDE:
            return
        nearest = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        how = self.pick.choice([nearest, {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}])
        y = self.add("Resize", [x, "", self.constant(np.array([1, 1, 2, 2], np.float32))], **how)
        self.keep(y, channels, 2 * height, 2 * width)
        self.join(y, channels, 2 * height, 2 * width)

    def join(self, x, channels, height, width):
        other, (more, *_) = self.pick.choice(self.alike(height, width))
        if channels + more <= MOST_CHANNELS:
            self.keep(self.add("Concat", [x, other], axis=1), channels + more, height, width)

    def excite(self, x, channels, height, width):
        """Squeeze and excitation."""
        inner = max(1, channels // 4)
        y = self.add("Conv", [self.add("GlobalAveragePool", [x]), self.weight(inner, channels, 1, 1)])
        y = self.add("Conv", [self.add("Relu", [y]), self.weight(channels, inner, 1, 1), self.constant(self.floats(channels))])
        gate = self.add(self.pick.choice(["Sigmoid", "HardSigmoid"]), [y])
        self.keep(self.add("Mul", self.pick.sample([x, gate], 2)), channels, height, width)

    def shuffle(self, x, channels, height, width):
        if channels % 2 == 0:
            shape = lambda *dims: self.constant(np.array([self.batch, *dims, height, width], np.int64))  # noqa: E731
            y = self.add("Transpose", [self.add("Reshape", [x, shape(2, channels // 2)])], perm=[0, 2, 1, 3, 4])
            self.keep(self.add("Reshape", [y, shape(channels)]), channels, height, width)

    def part(self, x, channels, height, width):
        first = self.pick.randrange(channels)
        bounds = [self.constant(np.array([bound], np.int64)) for bound in (first, channels, 1)]
        self.keep(self.add("Slice", [x, *bounds]), channels - first, height, width)

    def transposed(self, x, channels, height, width):
        if max(height, width) <= MOST_SIDE:
            outputs = self.pick.choice([4, 6, 8])
            y = self.add("ConvTranspose", [x, self.weight(channels, outputs, 2, 2)], kernel_shape=[2, 2], strides=[2, 2])
            self.keep(self.activated(y, outputs), outputs, 2 * height, 2 * width)

    def tokens(self, x, channels, height, width):
        """Pixels as rows, through a dense layer and a layer norm."""
        shape = lambda *dims: self.constant(np.array([self.batch, *dims], np.int64))  # noqa: E731
        rows = self.add("Transpose", [self.add("Reshape", [x, shape(channels, height * width)])], perm=[0, 2, 1])
        y = self.add("Add", [self.add("MatMul", [rows, self.weight(channels, 16)]), self.constant(self.floats(16))])
        one, zero = self.constant(np.ones(16, np.float32)), self.constant(np.zeros(16, np.float32))
        y = self.add("Transpose", [self.add("LayerNormalization", [y, one, zero], axis=-1)], perm=[0, 2, 1])
        self.keep(self.add("Reshape", [y, shape(16, height, width)]), 16, height, width)

    def classify(self):
        x, (channels, *_) = self.values[-1]
        y = self.add("Flatten", [self.add("GlobalAveragePool", [x])])
        y = self.add("Gemm", [y, self.weight(7, channels), self.constant(np.zeros(7, np.float32))], transB=1)
        self.keep(self.add("Softmax", [y], axis=1), 7)

    def built(self):
        """The network, its input and its outputs; None where too few layers fit."""
        layers = [self.conv] * 12 + [self.pool, self.enlarge, self.join] * 2
        layers += [self.excite, self.shuffle, self.part, self.transposed, self.tokens]
        for _ in range(self.pick.randint(3, 11)):
            x, shape = self.pick.choice(self.values[-3:])
            self.pick.choice(layers)(x, *shape)
        if len(self.values) < 3:
            return None
        if self.pick.random() < 0.4:
            self.classify()
        outputs = {self.values[-1][0]: None}
        if self.pick.random() < 0.4 and len(self.values) > 3:
            outputs[self.pick.choice(self.values[1:-1])[0]] = None
        inputs = {"x": self.floats(self.batch, *self.values[0][1])}
        return model_of(self.nodes, inputs, self.constants, list(outputs), 17), inputs


def make(folder, seed, count):
    """So many networks that ONNX Runtime answers."""
    written = tried = 0
    while written < count:
        tried += 1
        built = Chain(seed * 100_003 + tried).built()
        answers = built and answered(*built)
        if answers:
            write(folder / f"chain_{written}", *built, answers)
            written += 1


if __name__ == "__main__":
    main(__doc__, make, Path(__file__).with_suffix(".json"))
