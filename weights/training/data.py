"""Reading the photographs: every picture is decoded and resized once into a uint8 array."""

import json
import os

import numpy as np
from PIL import Image


class Photos:
    """annotations.json of `folder`, and its pictures squashed to a square."""

    def __init__(self, folder, cache):
        self.folder = folder
        self.cache = cache
        with open(os.path.join(folder, "annotations.json")) as f:
            document = json.load(f)
        self.labels = document["classifier_labels"]
        self.classes = document["scene_classes"]
        self.images = document["images"]

    def indices(self, split, wanted):
        return [i for i, e in enumerate(self.images) if e["split"] == split and wanted(e)]

    def open(self, index):
        return Image.open(os.path.join(self.folder, self.images[index]["file"])).convert("RGB")

    def squashed(self, size):
        """uint8 [all pictures, size, size, 3], resized by PIL's BILINEAR (a triangle filter as wide as the reduction)."""
        return self._cached(f"rgb{size}", (size, size, 3), lambda i: self.open(i).resize((size, size), Image.BILINEAR))

    def masks(self, size):
        """uint8 [all pictures, size, size]: 0 background, k the k-th object, 255 unlabelled; 255 all over without a mask."""

        def one(i):
            mask = self.images[i].get("mask")
            if mask is None:
                return np.full((size, size), 255, np.uint8)
            return Image.open(os.path.join(self.folder, mask)).resize((size, size), Image.NEAREST)

        return self._cached(f"mask{size}", (size, size), one)

    def _cached(self, name, shape, one):
        os.makedirs(self.cache, exist_ok=True)
        path = os.path.join(self.cache, name + ".npy")
        if not os.path.exists(path):
            print(f"resizing {len(self.images)} pictures into {path}", flush=True)
            out = np.lib.format.open_memmap(path + ".part", "w+", np.uint8, (len(self.images), *shape))
            for i in range(len(self.images)):
                out[i] = np.asarray(one(i))
            out.flush()
            os.rename(path + ".part", path)
        pixels = np.load(path)
        if len(pixels) != len(self.images):
            # Its rows would be other pictures than the annotations say.
            raise SystemExit(f"{path} holds {len(pixels)} pictures, {self.folder} has {len(self.images)}: remove {self.cache}")
        return pixels
