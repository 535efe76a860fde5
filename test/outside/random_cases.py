"""What random_operators.py and random_chains.py share: networks that ONNX Runtime answers, as folders like those of ONNX's node tests."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

ROOT = Path(__file__).parents[2]
MOST_ELEMENTS = 200_000
LARGEST = 1e4

onnxruntime.set_default_logger_severity(4)


def model_of(nodes, inputs, constants, outputs, opset):
    """A network whose outputs have no shape yet. `inputs` and `constants` are arrays by name."""
    declared = [value_info(name, array) for name, array in inputs.items()]
    graph = helper.make_graph(
        nodes,
        "random",
        declared,
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def value_info(name, array):
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), list(array.shape))


def answered(model, inputs):
    """ONNX Runtime's outputs without its optimisations; None for a network that it refuses, and for answers that say nothing."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        outputs = session.run(None, inputs)
    except Exception:  # noqa: BLE001: it has a class of its own for each kind of refusal
        return None
    for value in outputs:
        if value.size == 0 or value.size > MOST_ELEMENTS:
            return None
        if value.dtype.kind == "f" and not (np.isfinite(value).all() and np.abs(value).max() <= LARGEST):
            return None
    return outputs


def write(folder, model, inputs, outputs):
    for info, value in zip(model.graph.output, outputs, strict=True):
        info.CopyFrom(value_info(info.name, value))
    data = folder / "test_data_set_0"
    data.mkdir(parents=True)
    onnx.save(model, folder / "model.onnx")
    for kind, values in (("input", inputs.values()), ("output", outputs)):
        for k, value in enumerate(values):
            (data / f"{kind}_{k}.pb").write_bytes(numpy_helper.from_array(value).SerializeToString())


def report(folder, backend):
    command = ["node", "tools/fovea.mjs", "conformance", folder, "--backend", backend, "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    found = json.loads(done.stdout)
    others = {one["test"]: one["reason"] for one in found["results"] if one["outcome"] != "passed"}
    return {"ran on": found["adapter"], "passed": len(found["results"]) - len(others), "others": others}


def main(documentation, make, results):
    """`make(folder, seed, count)` writes the networks; `results` keeps what the references and the GPU give for them."""
    if len(sys.argv) != 4:
        sys.exit(documentation)
    where, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if where != "--results":
        make(Path(where), seed, count)
        return
    os.environ.setdefault("FOVEA_ADAPTER", "swiftshader")
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), seed, count)
        reports = {backend: report(folder, backend) for backend in ("cpu", "gpu")}
    record = {"onnxruntime": onnxruntime.__version__, "seed": seed, "networks": count, **reports}
    results.write_text(json.dumps(record, indent=1) + "\n")
    for backend, found in reports.items():
        print(f"{backend}: {found['passed']} of {count} passed")
        for test, reason in found["others"].items():
            print(f"  {test}: {reason}")
