"""Forty networks of torchvision, timm and transformers: exported as people export them today, run by Fovea and by ONNX Runtime.

    python3 -m venv /tmp/outside && /tmp/outside/bin/pip install -r test/outside/requirements.txt
    /tmp/outside/bin/python test/outside/architectures.py [NAME...]

Weights are random, so that nothing is downloaded. One network at a time is exported by torch.onnx.export, run by ONNX
Runtime, by PyTorch and, through the command line, by Fovea: on the GPU that FOVEA_ADAPTER names, SwiftShader by default, or on the CPU
with FOVEA_BACKEND=fast-cpu. architectures.json keeps the results: a network that is in it is not run again unless it is
named.
"""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RESULTS = HERE / "architectures.json"
sys.path.append(str(ROOT / "test/heads/make-goldens"))

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402
import compiled_nms  # noqa: E402, F401
import timm  # noqa: E402
import torchvision  # noqa: E402
import transformers  # noqa: E402

warnings.filterwarnings("ignore")
torch.set_num_threads(1)

# Of the largest magnitude of an output, as everywhere where two engines add in another order.
TOLERANCE = 1e-3


def from_torchvision(name, side=224, **options):
    library = torchvision.models
    for part in (library, library.segmentation):
        if hasattr(part, name):
            if part is library.segmentation:
                options = {"weights_backbone": None, **options}
            return getattr(part, name)(weights=None, **options), (1, 3, side, side)
    raise KeyError(name)


def from_timm(name, side=None, **options):
    model = timm.create_model(name, pretrained=False, **options)
    channels, height, width = model.pretrained_cfg["input_size"]
    return model, (1, channels, side or height, side or width)


def from_transformers(name, side, config, **options):
    """A class of transformers, of its own default size unless the options say less."""
    settings = getattr(transformers, config)(**options)
    settings.return_dict = True
    return getattr(transformers, name)(settings), (1, 3, side, side)


def ssd_heads(**_):
    """torchvision's SSD without its decoding and suppression, which Fovea's head does."""
    model = torchvision.models.detection.ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None)

    class Heads(nn.Module):
        def __init__(self):
            super().__init__()
            self.backbone, self.head = model.backbone, model.head

        def forward(self, image):
            return self.head(list(self.backbone(image).values()))

    return Heads(), (1, 3, 320, 320)


def rt_detr():
    """
    RT-DETR-R18, whose queries are the places with the highest scores. With random weights alone the features of all places are
    nearly the same, and rounding chooses among their scores: PyTorch finds other queries in float64 than in float32. So its
    normalisations get the statistics that they have on a picture, which set places apart as training does: neighbouring scores
    then differ by 9e-5, twenty times what float32 loses.
    """
    backbone = transformers.RTDetrResNetConfig(
        layer_type="basic", depths=[2, 2, 2, 2], hidden_sizes=[64, 128, 256, 512], out_features=["stage2", "stage3", "stage4"]
    )
    model, shape = from_transformers(
        *("RTDetrForObjectDetection", 128, "RTDetrConfig"),
        backbone_config=backbone,
        encoder_in_channels=[128, 256, 512],
        decoder_layers=3,
        num_queries=100,
        num_labels=80,
        anchor_image_size=None,
    )
    nn.init.normal_(model.model.enc_score_head.weight)
    model.sees_statistics = True
    return model, shape


SMALL_TRANSFORMER = {"hidden_size": 192, "num_attention_heads": 3, "intermediate_size": 768, "num_hidden_layers": 12}

NETWORKS = {
    # torchvision
    "squeezenet1_0": lambda: from_torchvision("squeezenet1_0", 128),
    "resnet18": lambda: from_torchvision("resnet18", 128),
    "resnext50_32x4d": lambda: from_torchvision("resnext50_32x4d", 96),
    "densenet121": lambda: from_torchvision("densenet121", 96),
    "googlenet": lambda: from_torchvision("googlenet", 128, init_weights=False, aux_logits=False),
    "inception_v3": lambda: from_torchvision("inception_v3", 160, init_weights=False, aux_logits=False),
    "mobilenet_v2": lambda: from_torchvision("mobilenet_v2", 128),
    "mobilenet_v3_small": lambda: from_torchvision("mobilenet_v3_small", 128),
    "shufflenet_v2_x1_0": lambda: from_torchvision("shufflenet_v2_x1_0", 128),
    "mnasnet0_5": lambda: from_torchvision("mnasnet0_5", 128),
    "efficientnet_b0": lambda: from_torchvision("efficientnet_b0", 128),
    "regnet_y_400mf": lambda: from_torchvision("regnet_y_400mf", 128),
    "convnext_tiny": lambda: from_torchvision("convnext_tiny", 96),
    "swin_t": lambda: from_torchvision("swin_t", 112),
    "lraspp_mobilenet_v3_large": lambda: from_torchvision("lraspp_mobilenet_v3_large", 128),
    "deeplabv3_mobilenet_v3_large": lambda: from_torchvision("deeplabv3_mobilenet_v3_large", 128),
    "ssdlite320_mobilenet_v3_large": ssd_heads,
    # timm
    "mobilenetv4_conv_small": lambda: from_timm("mobilenetv4_conv_small", 128),
    "efficientvit_b0": lambda: from_timm("efficientvit_b0", 128),
    "ghostnet_100": lambda: from_timm("ghostnet_100", 128),
    "repvgg_a0": lambda: from_timm("repvgg_a0", 96),
    "convnextv2_atto": lambda: from_timm("convnextv2_atto", 128),
    "edgenext_xx_small": lambda: from_timm("edgenext_xx_small", 128),
    "fastvit_t8": lambda: from_timm("fastvit_t8", 128),
    "mobilevit_xxs": lambda: from_timm("mobilevit_xxs", 128),
    "levit_128s": lambda: from_timm("levit_128s"),
    "pvt_v2_b0": lambda: from_timm("pvt_v2_b0", 128),
    "poolformer_s12": lambda: from_timm("poolformer_s12", 96),
    "deit_tiny_patch16_224": lambda: from_timm("deit_tiny_patch16_224"),
    "mixer_s32_224": lambda: from_timm("mixer_s32_224"),
    # transformers
    "ViTForImageClassification": lambda: from_transformers(
        "ViTForImageClassification", 112, "ViTConfig", image_size=112, **SMALL_TRANSFORMER
    ),
    "Dinov2Model": lambda: from_transformers(
        "Dinov2Model", 112, "Dinov2Config", image_size=112, patch_size=14, hidden_size=192, num_attention_heads=3
    ),
    "CLIPVisionModelWithProjection": lambda: from_transformers(
        "CLIPVisionModelWithProjection", 96, "CLIPVisionConfig", image_size=96, **SMALL_TRANSFORMER
    ),
    "SiglipVisionModel": lambda: from_transformers(
        "SiglipVisionModel", 96, "SiglipVisionConfig", image_size=96, **SMALL_TRANSFORMER
    ),
    "SegformerForSemanticSegmentation": lambda: from_transformers(
        "SegformerForSemanticSegmentation", 128, "SegformerConfig", num_labels=19
    ),
    "YolosForObjectDetection": lambda: from_transformers(
        "YolosForObjectDetection", 128, "YolosConfig", image_size=[128, 128], num_labels=91, **SMALL_TRANSFORMER
    ),
    "RTDetrForObjectDetection": rt_detr,
    "DPTForDepthEstimation": lambda: from_transformers(
        "DPTForDepthEstimation",
        112,
        "DPTConfig",
        image_size=112,
        neck_hidden_sizes=[24, 48, 96, 192],
        fusion_hidden_size=64,
        **SMALL_TRANSFORMER,
    ),
    "Swin2SRForImageSuperResolution": lambda: from_transformers(
        "Swin2SRForImageSuperResolution", 64, "Swin2SRConfig", embed_dim=60, depths=[2, 2], num_heads=[6, 6]
    ),
    "VitPoseForPoseEstimation": lambda: from_transformers(
        "VitPoseForPoseEstimation",
        128,
        "VitPoseConfig",
        backbone_config=transformers.VitPoseBackboneConfig(
            image_size=[128, 128], hidden_size=192, num_attention_heads=3, out_indices=[12]
        ),
    ),
}


class Tensors(nn.Module):
    """The tensors among what a network answers, by name where it names them."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, image):
        answer = self.model(image)
        if isinstance(answer, torch.Tensor):
            return answer
        values = answer.values() if hasattr(answer, "values") else answer
        return tuple(value for value in values if isinstance(value, torch.Tensor))


def make(name):
    """The network in evaluation: its normalisation with statistics that are not 0 and 1, no matrix of zeros that hides it."""
    torch.manual_seed(0)
    model, shape = NETWORKS[name]()
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            nn.init.uniform_(module.running_mean, -0.1, 0.1)
            nn.init.uniform_(module.running_var, 0.8, 1.2)
    for weight in model.parameters():
        if weight.dim() > 1 and not weight.any():
            nn.init.normal_(weight, std=0.02)
    if hasattr(model, "sees_statistics"):
        take_statistics(model, shape)
    return Tensors(model).eval(), shape


def take_statistics(model, shape):
    """Gives normalisations the means and deviations of two random pictures."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.momentum = 1.0
    model.train()
    with torch.no_grad():
        model(torch.rand(2, *shape[1:]))


def fovea(*arguments):
    command = ["node", "tools/fovea.mjs", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no message")
    return done.stdout


def distance(got, expected):
    """The largest difference, as a share of the largest magnitude."""
    return float(np.abs(got.astype(np.float64) - expected).max()) / max(float(np.abs(expected).max()), 1e-30)


def compare(name, folder):
    model, shape = make(name)
    image = torch.rand(shape)
    file = folder / f"{name}.onnx"
    with torch.no_grad():
        torch.onnx.export(
            model, (image,), file, input_names=["image"], dynamo=True, external_data=False, optimize=True, verbose=False
        )
        computed = model(image)
    computed = [value.numpy() for value in (computed if isinstance(computed, tuple) else (computed,))]
    del model
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    expected = session.run(None, {"image": image.numpy()})
    names = [output.name for output in session.get_outputs()]
    nodes = len(onnx.load(file).graph.node)
    del session
    np.save(folder / "image.npy", image.numpy())
    report = json.loads(
        fovea(
            *("run", file, "--input", f"image={folder / 'image.npy'}", "--output-dir", folder / "out", "--json"),
            *("--backend", os.environ.get("FOVEA_BACKEND", "gpu")),
        )
    )
    # Where ONNX Runtime answers otherwise than PyTorch, whose network it is, PyTorch counts.
    agree = all(distance(value, own) <= TOLERANCE for value, own in zip(expected, computed))
    worst = 0.0
    for output, value in zip(names, expected if agree else computed):
        path = next(entry["file"] for entry in report["outputs"] if entry["name"] == output)
        got = np.load(path)
        if got.shape != value.shape:
            raise RuntimeError(f"{output} is {list(got.shape)}, expected {list(value.shape)}")
        worst = max(worst, distance(got, value))
    where = {"ran on": report["adapter"], "held to": "ONNX Runtime" if agree else "PyTorch"}
    return {"nodes": nodes, "input": list(shape), "outputs": len(names), "error": worst, **where}


def row(name, result):
    if "error" not in result:
        return f"{name:32} refused: {result['refused']}"
    return f"{name:32} {result['nodes']:>5} nodes  {result['error']:.1e}{'' if agrees(result) else '  DIFFERS'}"


def agrees(result):
    return result.get("error", 1) <= TOLERANCE


def results():
    return json.loads(RESULTS.read_text())["networks"] if RESULTS.exists() else {}


def run(name):
    """Compares one network and keeps the result."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            result = compare(name, Path(folder))
        except Exception as error:  # noqa: BLE001
            result = {"refused": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
    print(row(name, result), flush=True)
    kept = {**results(), name: result}
    libraries = (torch, torchvision, timm, transformers, onnx, onnxruntime)
    versions = {library.__name__: library.__version__ for library in libraries}
    rows = ",\n".join(f'"{name}": {json.dumps(kept[name])}' for name in NETWORKS if name in kept)
    RESULTS.write_text(f'{{"versions": {json.dumps(versions)},\n"networks": {{\n{rows}\n}}}}\n')


def main(chosen):
    os.environ.setdefault("FOVEA_ADAPTER", "swiftshader")
    unknown = [name for name in chosen if name not in NETWORKS]
    if unknown:
        raise SystemExit(f"no network is called {unknown[0]}; there are {', '.join(NETWORKS)}")
    for name in chosen or [name for name in NETWORKS if name not in results()]:
        # A process of its own, so that no network's memory stays.
        process = multiprocessing.get_context("fork").Process(target=run, args=(name,))
        process.start()
        process.join()
    kept = results()
    print("\n".join(row(name, result) for name, result in kept.items()))
    agreeing = sum(map(agrees, kept.values()))
    print(f"{agreeing} of {len(NETWORKS)} agree to {TOLERANCE:g} of the largest value")
    sys.exit(0 if agreeing == len(NETWORKS) else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
