"""Reading and writing safetensors files of float16 and float32 tensors."""

import json

import numpy as np
import torch


def write(path, tensors, meta):
    """8 bytes of header length, a JSON header padded by spaces to 8 bytes, then the elements."""
    header, offset, chunks = {"__metadata__": meta}, 0, []
    # Wider elements first, so that each tensor is aligned.
    for name, array in sorted(tensors.items(), key=lambda t: -t[1].itemsize):
        data = np.ascontiguousarray(array).tobytes()
        kind = {"float16": "F16", "float32": "F32"}[array.dtype.name]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
        chunks.append(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text + b"".join(chunks))


def read(path):
    """-> state dict in float32, metadata."""
    with open(path, "rb") as f:
        data = f.read()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    meta = header.pop("__metadata__", {})
    kinds = {"F16": np.float16, "F32": np.float32}
    state = {}
    for name, e in header.items():
        begin, end = (8 + length + o for o in e["data_offsets"])
        array = np.frombuffer(data[begin:end], kinds[e["dtype"]]).reshape(e["shape"])
        state[name] = torch.from_numpy(array.astype(np.float32))
    return state, meta
