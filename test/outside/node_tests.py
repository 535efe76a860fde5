"""ONNX's own node tests as the installed onnx defines them: a folder of each, or the chosen ones in one file.

    python3 -m venv /tmp/outside && /tmp/outside/bin/pip install onnx==1.23.1
    /tmp/outside/bin/python test/outside/node_tests.py /tmp/node-tests
    npm run --silent fovea -- conformance /tmp/node-tests --backend cpu

    /tmp/outside/bin/python test/outside/node_tests.py --results
    /tmp/outside/bin/python test/outside/node_tests.py --pack

The folders are as ONNX publishes them. A value that is no tensor has no file: Fovea refuses such networks. `--results` runs
all on the references and, on the GPU that FOVEA_ADAPTER names, SwiftShader by default, with the shaders: node_tests.json
has the counts, and the tests that fail or are refused, by reason. `--pack` writes test/formats/goldens/node-tests.json.gz,
which test/formats/onnx-node-tests.test.ts runs.
"""

import base64
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

ROOT = Path(__file__).parents[2]
PACK = ROOT / "test/formats/goldens/node-tests.json.gz"
RESULTS = ROOT / "test/outside/node_tests.json"

# Operators and forms that ONNX Runtime in the tests does not know, or for which its answers are not those of ONNX.
CHOSEN = re.compile(
    r"""test_( attention_local_window | attention_bidirectional | attention.*(nonpad|fullymasked|nan_robust)
      | bitcast | bitshift | bitwise | blackmanwindow | hannwindow | hammingwindow | causal_conv | center_crop_pad
      | compress | cumprod | det_ | eyelike | hardmax | linear_attention | melweight | mod_ | nllloss_NCd?1?_
      | reversesequence | sce_(mean|sum|none)(_weight|_3d|_log_prob)*$ | scan | shrink | spacetodepth | stft | swiglu
      | tensorscatter | optional | cast(like)?_FLOAT(16)?_to_U?INT[24]$ | cast_.*FLOAT[84]E
      | (de)?quantizelinear_(e4m3|e5m2|float4) )""",
    re.VERBOSE,
)
# The expanded forms are of operators that other tests have, and the largest vectors say no more than the small ones.
LARGEST = 20_000


def tensor(value, info):
    """A value as the bytes of a TensorProto; None for a sequence, and for an optional value that is not there."""
    if isinstance(value, onnx.TensorProto):
        return value.SerializeToString()
    if isinstance(value, np.ndarray) or np.isscalar(value):
        return numpy_helper.from_array(np.asarray(value), info.name).SerializeToString()
    return None


def files(case):
    """The files of a case, by name."""
    graph = case.model.graph
    yield "model.onnx", case.model.SerializeToString()
    for i, (inputs, outputs) in enumerate(case.data_sets):
        for kind, values, infos in (("input", inputs, graph.input), ("output", outputs, graph.output)):
            for k, (value, info) in enumerate(zip(values, infos)):
                data = tensor(value, info)
                if data is not None:
                    yield f"test_data_set_{i}/{kind}_{k}.pb", data


def write(cases, folder):
    for case in cases:
        for name, data in files(case):
            path = Path(folder, case.name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def pack(cases):
    packed = {}
    for case in cases:
        if not CHOSEN.match(case.name) or case.name.endswith("_expanded"):
            continue
        content = dict(files(case))
        if sum(map(len, content.values())) <= LARGEST:
            packed[case.name] = {name: base64.b64encode(data).decode() for name, data in content.items()}
    text = json.dumps(packed, indent=0, sort_keys=True).encode()
    PACK.parent.mkdir(exist_ok=True)
    PACK.write_bytes(gzip.compress(text, 9, mtime=0))
    print(f"{len(packed)} of {len(cases)} tests of onnx {onnx.__version__}, {PACK.stat().st_size} bytes")


def report(folder, backend):
    """Counts of one backend, and its tests that do not pass, by reason."""
    command = ["node", "tools/fovea.mjs", "conformance", folder, "--backend", backend, "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    found = json.loads(done.stdout)
    outcomes = {"passed": 0, "failed": {}, "unsupported": {}}
    for result in found["results"]:
        if result["outcome"] == "passed":
            outcomes["passed"] += 1
        else:
            outcomes[result["outcome"]].setdefault(result["reason"], []).append(result["test"])
    return {"ran on": found["adapter"], **outcomes}


def results(cases):
    os.environ.setdefault("FOVEA_ADAPTER", "swiftshader")
    with tempfile.TemporaryDirectory() as folder:
        write(cases, folder)
        reports = {backend: report(folder, backend) for backend in ("cpu", "gpu")}
    RESULTS.write_text(json.dumps({"onnx": onnx.__version__, "tests": len(cases), **reports}, indent=1) + "\n")
    for backend, found in reports.items():
        failed, unsupported = (sum(map(len, found[kind].values())) for kind in ("failed", "unsupported"))
        print(f"{backend}: {found['passed']} passed, {failed} failed, {unsupported} unsupported")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    # A test that draws numbers draws the same ones each time.
    np.random.seed(0)
    cases = [case for case in collect_testcases("") if case.model is not None]
    if sys.argv[1] == "--pack":
        pack(cases)
    elif sys.argv[1] == "--results":
        results(cases)
    else:
        write(cases, sys.argv[1])
        print(f"{len(cases)} tests of onnx {onnx.__version__}")


main()
