"""Makes test/reference/goldens/*.json: outputs of PyTorch, NumPy and ONNX Runtime that the references must reproduce.

    python3 test/reference/make-goldens/make.py

needs Python packages torch, numpy and onnx, and Node with this repository's packages installed.
PyTorch and NumPy compute in float64 from float32 inputs and are rounded once; ONNX Runtime computes in float32.
"""

from pathlib import Path

import numpy_cases
import onnxruntime_cases
import pytorch_cases
import pytorch_elementwise

FOLDER = Path(__file__).parent.parent / "goldens"

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    pytorch_cases.make().write(FOLDER / "pytorch.json")
    pytorch_elementwise.make().write(FOLDER / "pytorch-elementwise.json")
    numpy_cases.make().write(FOLDER / "numpy.json")
    onnxruntime_cases.make().write(FOLDER / "onnxruntime.json")
