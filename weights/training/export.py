"""Writes trained networks as safetensors, and safetensors as ONNX.

python3 export.py --data DIR --weights .. --out OUT     the averaged (EMA) weights of OUT's checkpoints
python3 export.py --data DIR --weights .. --random      untrained weights, to build an engine against
python3 export.py --data DIR --weights .. --onnx ONNX   ONNX/NAME.onnx of the files that are there

Convolution and dense weights are stored as float16, biases and batch normalisation (not folded) as float32. A detector
as ONNX gives logits and offsets: decoding and suppression are left to whoever runs it.
"""

import argparse
import inspect
import json
import os
import subprocess

import numpy as np
import torch

import models
import safetensors_file
import settings
from data import Photos
from names import name_of

SOURCES = [
    {
        "name": "MobileNetV2 1.0, trained on ImageNet: the weights that the training started from, changed by it",
        "authors": "Google LLC",
        "licence": "Apache-2.0, weights/LICENSE-MOBILENET",
    },
    {"name": "Caltech-101", "authors": "Fei-Fei, Fergus, Perona", "licence": "CC BY 4.0"},
    {"name": "Oxford-IIIT Pet", "authors": "Parkhi, Vedaldi, Zisserman, Jawahar", "licence": "CC BY-SA 4.0"},
    {"name": "COCO 2017", "authors": "Lin et al.", "licence": "annotations CC BY 4.0, pictures under their Flickr terms"},
]
LICENCE = "CC BY-SA 4.0"
NAMES = ("classifier", "detector", "segmenter")
# The layers whose results are the logits of the classes.
LOGITS = {"classifier": ("head",), "detector": ("head_fine.cls", "head_coarse.cls"), "segmenter": ("head", "coarse")}


def build(name, photos):
    if name == "classifier":
        return models.Classifier(len(photos.labels)), settings.CLASSIFIER["input_size"]
    if name == "detector":
        return models.Detector(len(photos.classes)), models.DETECTOR_SIZE
    return models.Segmenter(len(photos.classes)), models.SEGMENTER_SIZE


def trained(name, photos, out):
    """The averaged weights of a checkpoint, ready to evaluate, and the input's size."""
    model, size = build(name, photos)
    fill(model, torch.load(os.path.join(out, name + ".pt"), map_location="cpu")["ema"])
    return model.eval(), size


def fill(model, state):
    """Every tensor but the counters of batches, which exported files and means of trainings lack."""
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and all(k.endswith("num_batches_tracked") for k in missing), (missing, unexpected)


def calibration(name, out):
    """What calibrate.py wrote, or nothing to change."""
    path = os.path.join(out, name + ".json")
    if not os.path.exists(path):
        return {"temperature": 1, "threshold": None, "background": 0}
    with open(path) as f:
        return json.load(f)


@torch.no_grad()
def favour_background(model, name, bias):
    """Adds `bias` to background's logit, as far as a network has one."""
    if name == "segmenter":
        model.head.bias[0] += bias
    elif name == "detector":
        for head in (model.head_fine, model.head_coarse):
            head.cls.bias[:: head.classes] += bias


@torch.no_grad()
def cool(model, name, temperature):
    """Divides the logits of the classes by the temperature."""
    for layer in LOGITS[name]:
        for p in model.get_submodule(layer).parameters():
            p.div_(temperature)


def metadata(name, model, photos, size, commit, threshold=None):
    data_names = photos.labels if name == "classifier" else ["background", *photos.classes]
    labels = [name_of(n) for n in data_names]
    m = {
        "fovea.task": {"classifier": "classify", "detector": "detect", "segmenter": "segment"}[name],
        "fovea.architecture": {"classifier": "mobilenet-v2", "detector": "mobilenet-v2-ssd", "segmenter": "mobilenet-v2-unet"}[name],
        "labels": json.dumps(labels),
        "inputSize": json.dumps([size, size]),
        "mean": json.dumps(model.MEAN),
        "std": json.dumps(model.STD),
        "resize": json.dumps({"fit": "squash"}),
        "trainingCommit": commit,
        "dataSources": json.dumps(SOURCES),
        "licence": LICENCE,
    }
    if labels != data_names:
        m["dataNames"] = json.dumps(data_names)
    if threshold is not None:
        m["threshold"] = json.dumps(round(threshold, 3))
    if name == "detector":
        m["defaultBoxes"] = json.dumps(settings.DEFAULT_BOXES)
        m["nms"] = json.dumps(settings.NMS)
    return m


def load(path, photos):
    """The network of an exported file, ready to evaluate, with its stored (rounded) weights."""
    state, meta = safetensors_file.read(path)
    name = {"classify": "classifier", "detect": "detector", "segment": "segmenter"}[meta["fovea.task"]]
    model, _ = build(name, photos)
    fill(model, state)
    return model.eval(), name, json.loads(meta["inputSize"])[0]


def to_store(state):
    """float16 for the weights of convolutions and the dense layer, float32 for everything per channel."""
    out = {}
    for name, t in state.items():
        if not name.endswith("num_batches_tracked"):
            out[name] = t.cpu().numpy().astype(np.float16 if t.ndim > 1 else np.float32)
    return out


def write_onnx(path, photos, folder):
    model, name, size = load(path, photos)
    os.makedirs(folder, exist_ok=True)
    # Newer versions write through another exporter unless told otherwise.
    classic = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(
        model, torch.zeros(1, 3, size, size), os.path.join(folder, name + ".onnx"), opset_version=13,
        input_names=["image"], output_names=["scores", "offsets"] if name == "detector" else ["scores"], **classic,
    )  # fmt: skip


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", required=True, help="folder that holds annotations.json")
    p.add_argument("--weights", required=True, help="folder of NAME.safetensors")
    p.add_argument("--out", help="folder with the checkpoints to write NAME.safetensors from")
    p.add_argument("--random", action="store_true", help="write untrained weights instead")
    p.add_argument("--onnx", help="folder to write NAME.onnx into")
    p.add_argument("--only", choices=NAMES)
    a = p.parse_args()
    photos = Photos(a.data, cache=None)
    here = os.path.dirname(os.path.abspath(__file__))
    commit = subprocess.run(["git", "-C", here, "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    os.makedirs(a.weights, exist_ok=True)
    for name in [a.only] if a.only else NAMES:
        path = os.path.join(a.weights, name + ".safetensors")
        if a.random:
            model, size = build(name, photos)
            randomise(model)
            write(path, model, metadata(name, model, photos, size, commit))
        elif a.out:
            model, size = trained(name, photos, a.out)
            found = calibration(name, a.out)
            favour_background(model, name, found["background"])
            cool(model, name, found["temperature"])
            write(path, model, metadata(name, model, photos, size, commit, found["threshold"]))
        if a.onnx:
            write_onnx(path, photos, a.onnx)


def write(path, model, meta):
    safetensors_file.write(path, to_store(model.state_dict()), meta)
    print(f"{path}: {sum(p.numel() for p in model.parameters())} parameters, {os.path.getsize(path)} bytes")


def randomise(model):
    torch.manual_seed(settings.SEED)
    for m in model.modules():
        if isinstance(m, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(m.running_mean, -0.2, 0.2)
            torch.nn.init.uniform_(m.running_var, 0.5, 1.5)


if __name__ == "__main__":
    main()
