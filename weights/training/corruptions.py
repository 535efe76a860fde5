"""What cameras, screens and people do to pictures: eight changes that leave everything where it is.

python3 corruptions.py --data DIR --weights .. [--every 3]   the networks' figures on val under each of them
"""

import argparse
import io
import json
import os

import numpy as np
import torch
from PIL import Image, ImageFilter

import evaluate
import export
from data import Photos


def dark(picture):
    """A quarter of the light, as a dim room has."""
    return picture.point([round(255 * (v / 255) ** 2.2 * 0.6) for v in range(256)] * 3)


def overexposed(picture):
    return picture.point([min(255, round(v * 1.7 + 20)) for v in range(256)] * 3)


def blurred(picture):
    return picture.filter(ImageFilter.GaussianBlur(max(picture.size) / 120))


def noisy(picture):
    noise = np.random.default_rng(1).normal(0, 28, (picture.height, picture.width, 3))
    return Image.fromarray((np.asarray(picture) + noise).clip(0, 255).astype(np.uint8))


def compressed(picture):
    """JPEG of quality 8."""
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=8)
    return Image.open(data).convert("RGB")


def grey(picture):
    return picture.convert("L").convert("RGB")


def coarse(picture):
    """A thumbnail of 64 pixels, enlarged."""
    small = picture.copy()
    small.thumbnail((64, 64))
    return small.resize(picture.size, Image.BILINEAR)


def drawn(picture):
    """Flat colours with dark outlines."""
    smooth = picture.filter(ImageFilter.MedianFilter(7))
    flat = smooth.point([min(255, round(v / 64) * 64) for v in range(256)] * 3)
    inside = smooth.convert("L").filter(ImageFilter.FIND_EDGES).point([0 if v > 50 else 255 for v in range(256)])
    out = Image.new("RGB", picture.size)
    out.paste(flat, mask=inside)
    return out


CORRUPTIONS = (dark, overexposed, blurred, noisy, compressed, grey, coarse, drawn)


class Corrupted(Photos):
    """Every `every`-th picture of val, changed before a network sees it."""

    def __init__(self, folder, change, every):
        super().__init__(folder, cache=None)
        self.change, self.every = change, every

    def indices(self, split, wanted):
        return super().indices(split, wanted)[:: self.every]

    def open(self, index):
        picture = super().open(index)
        return self.change(picture) if self.change else picture


def figures(name, model, photos, size):
    if name == "classifier":
        s = evaluate.classifier_scores(model, photos, size)
        return {"top1": s["top1"], "top5": s["top5"]}
    if name == "detector":
        return {"map50": round(evaluate.detector_scores(model, photos, size)["map50"], 4)}
    s = evaluate.segmenter_scores(model, photos, size)
    return {"miou": round(s["miou"], 4), "foregroundIou": round(s["foregroundIou"], 4)}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", required=True)
    p.add_argument("--weights", required=True)
    p.add_argument("--only", choices=export.NAMES)
    p.add_argument("--every", type=int, default=1, help="measure on every n-th picture of val")
    p.add_argument("--threads", type=int, default=os.cpu_count())
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    for name in [a.only] if a.only else export.NAMES:
        for change in (None, *CORRUPTIONS):
            photos = Corrupted(a.data, change, a.every)
            model, _, size = export.load(os.path.join(a.weights, name + ".safetensors"), photos)
            model = model.to(memory_format=torch.channels_last)
            title = change.__name__ if change else "clean"
            print(json.dumps({"network": name, "pictures": title, **figures(name, model, photos, size)}), flush=True)


if __name__ == "__main__":
    main()
