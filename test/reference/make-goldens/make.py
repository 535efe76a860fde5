"""Makes test/reference/goldens/*.json: outputs of PyTorch, NumPy and ONNX Runtime that the references must reproduce.

    python3 test/reference/make-goldens/make.py [NAME...]

makes NAME.json from the file of that name here, by default all. It needs Python packages torch, numpy and onnx, and Node
with this repository's packages installed. PyTorch and NumPy compute in float64 from float32 inputs and are rounded
once; ONNX Runtime computes in float32. Other releases of PyTorch may differ in a last bit.
"""

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
GOLDENS = HERE.parent / "goldens"
MODULES = [file.stem for file in HERE.glob("*.py") if file.stem not in ("make", "golden")]
# numpy_cases.py cannot be called numpy.py, which would hide NumPy.
MAKERS = {module.removesuffix("_cases").replace("_", "-"): module for module in MODULES}

if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(MAKERS):
        import_module(MAKERS[name]).make().write(GOLDENS / f"{name}.json")
