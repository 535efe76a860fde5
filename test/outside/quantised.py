"""Eight-bit files (QDQ) against the networks that they were made of, by Fovea and by ONNX Runtime.

    python3 -m venv /tmp/outside && /tmp/outside/bin/pip install -r test/outside/requirements.txt
    /tmp/outside/bin/python test/outside/quantised.py

Each network of ../shared/onnx/models is quantised by ONNX Runtime's own tool, `quantize_static`: activations in uint8,
weights in int8 for each channel, calibrated on smooth random pictures in the range that the network was trained for. Both
engines run the quantised file on eight other pictures. The table has the distance of each from ONNX Runtime on the float
file, as a share of the deviation of its outputs, and of the two from each other. quantised.json keeps it.

A dequantised value is exact to half a step in both engines, and rounding half a step the other way is the only freedom that
they have: sums of products in int32 there, in float32 here.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MODELS = ROOT.parent / "shared/onnx/models"
RESULTS = HERE / "quantised.json"

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static  # noqa: E402
from onnxruntime.quantization.shape_inference import quant_pre_process  # noqa: E402

# Least and greatest number of a prepared picture, by each network's own preparation.
NETWORKS = {
    "blazeface-front/blazeface-front-128.onnx": (-1, 1),
    "mnist/mnist-8.onnx": (0, 255),
    "mobilenet-v1-0.25/mobilenet_v1_0.25_224.onnx": (-1, 1),
    "sed-unet/sed-unet.onnx": (0, 1),
    "selfie-segmentation/selfie-seg-landscape.onnx": (0, 1),
    "sinet-portrait/sinet-portrait-softmax.onnx": (-2 / 255, 2.3 / 255),
    "squeezenet1.1/squeezenet1.1.onnx": (-2.1, 2.6),
    "superres-espcn/superres-espcn.onnx": (0, 1),
    "ultraface/ultraface-rfb320.onnx": (-1, 1),
    "yolox-nano/yolox-nano.onnx": (0, 255),
    "yunet/yunet-n-320.onnx": (0, 255),
}
CALIBRATION, PICTURES = 16, 8


def pictures(shape, low, high, count, seed):
    """Sums of waves across each channel, which have edges, gradients and plain parts as pictures do."""
    random = np.random.default_rng(seed)
    channels_last = shape[-1] in (1, 3)
    height, width, channels = (shape[1], shape[2], shape[3]) if channels_last else (shape[2], shape[3], shape[1])
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    for _ in range(count):
        planes = []
        for _ in range(channels):
            waves = sum(
                random.uniform(0.3, 1) * np.sin(2 * np.pi * (random.uniform(-9, 9) * x + random.uniform(-9, 9) * y) + random.uniform(0, 6))
                for _ in range(6)
            )
            planes.append(np.tanh(2 * waves) * 0.5 + 0.5)
        picture = low + (high - low) * np.stack(planes, -1 if channels_last else 0)
        yield picture[None].astype(np.float32)


class Calibration(CalibrationDataReader):
    def __init__(self, name, data):
        self.name, self.data = name, iter(data)

    def get_next(self):
        picture = next(self.data, None)
        return None if picture is None else {self.name: picture}


def fovea(*arguments):
    command = ["node", "tools/fovea.mjs", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no message")
    return json.loads(done.stdout)


def distance(lists, others):
    """Root mean square of the differences, as a share of the deviation, the worst of all outputs."""
    worst = 0.0
    for outputs, expected in zip(zip(*lists), zip(*others)):
        got, want = np.stack(outputs).astype(np.float64), np.stack(expected).astype(np.float64)
        worst = max(worst, float(np.sqrt(((got - want) ** 2).mean()) / max(want.std(), 1e-12)))
    return worst


def compare(file, low, high, folder):
    source = folder / "float.onnx"
    model = onnx.load(MODELS / file)
    for dim in model.graph.input[0].type.tensor_type.shape.dim[:1]:
        dim.dim_value = 1
    initialised = {tensor.name for tensor in model.graph.initializer}
    kept = [value for value in model.graph.input if value.name not in initialised]
    del model.graph.input[:]
    model.graph.input.extend(kept)
    model.ir_version = max(model.ir_version, 4)
    if model.opset_import[0].version < 13:
        model = onnx.version_converter.convert_version(model, 13)
    onnx.save(model, source)
    session = onnxruntime.InferenceSession(source, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    shape = [d if isinstance(d, int) else 320 for d in entry.shape]
    prepared, quantised = folder / "prepared.onnx", folder / "qdq.onnx"
    quant_pre_process(source, prepared, skip_symbolic_shape=True)
    calibration = Calibration(entry.name, pictures(shape, low, high, CALIBRATION, 1))
    quantize_static(prepared, quantised, calibration, quant_format=QuantFormat.QDQ, per_channel=True,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
    eight = onnxruntime.InferenceSession(quantised, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    plain, theirs, ours = [], [], []
    for picture in pictures(shape, low, high, PICTURES, 2):
        plain.append(session.run(names, {entry.name: picture}))
        theirs.append(eight.run(names, {entry.name: picture}))
        np.save(folder / "picture.npy", picture)
        report = fovea("run", quantised, "--input", f"{entry.name}={folder / 'picture.npy'}", "--output-dir", folder / "out",
                       "--json", "--backend", os.environ.get("FOVEA_BACKEND", "fast-cpu"))
        paths = {output["name"]: output["file"] for output in report["outputs"]}
        ours.append([np.load(paths[name]) for name in names])
    nodes = [node.op_type for node in onnx.load(quantised).graph.node]
    return {"nodes": len(nodes), "quantise": nodes.count("QuantizeLinear"), "fovea": distance(ours, plain),
            "onnxruntime": distance(theirs, plain), "apart": distance(ours, theirs)}


def main():
    results = {}
    print(f"{'network':40} {'Fovea':>9} {'ORT':>9} {'apart':>9}")
    for file, (low, high) in NETWORKS.items():
        with tempfile.TemporaryDirectory() as folder:
            try:
                result = compare(file, low, high, Path(folder))
                print(f"{file:40} {result['fovea']:9.5f} {result['onnxruntime']:9.5f} {result['apart']:9.5f}", flush=True)
            except Exception as error:  # noqa: BLE001
                result = {"failed": f"{type(error).__name__}: {error}".splitlines()[0][:200]}
                print(f"{file:40} {result['failed']}", flush=True)
        results[file] = result
    rows = ",\n".join(f"{json.dumps(file)}: {json.dumps(result)}" for file, result in results.items())
    RESULTS.write_text(f'{{"onnxruntime": "{onnxruntime.__version__}",\n"networks": {{\n{rows}\n}}}}\n')
    sys.exit(0 if all("failed" not in result for result in results.values()) else 1)


if __name__ == "__main__":
    main()
