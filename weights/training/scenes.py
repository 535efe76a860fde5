"""Scenes for detector and segmenter: real pictures, and mask cut-outs pasted onto other pictures.

A batch is composed in torch: an affine crop of the base pictures, then layers of cut-outs with their own affine
placement. A cut-out's truth is read off where it landed, so boxes and masks are exact.
"""

import math
import os
from collections import Counter

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

import augment
import loop
import models
import settings

TILES = (144, 56)  # sizes that cut-outs are kept in; the smaller for small pastes

class Scenes:
    def __init__(self, photos, need_masks, s=settings.SCENES):
        self.s = s
        self.photos = photos
        images = photos.images
        # Somebody looked for things in these, and in some found none: everyday scenes that a network would fill with them.
        self.annotated = photos.indices("train", lambda e: "objects" in e and ("mask" in e or not need_masks))
        related = settings.RELATED | set(photos.classes) | {None}
        self.empty = photos.indices(
            "train", lambda e: "objects" not in e and (e.get("background") or e["label"] not in related)
        )
        everything = self.annotated + self.empty
        size = settings.CACHE
        self.pixels = photos.squashed(size)[everything]
        masks = photos.masks(size)
        self.masks = np.zeros((len(everything), size, size), np.uint8)
        self.boxes, self.classes = [], []
        for row, i in enumerate(everything):
            e = images[i]
            objects = e.get("objects") or []
            ids = [photos.classes.index(o["class"]) for o in objects]
            scale = np.array([e["width"], e["height"]] * 2, np.float32)
            self.boxes.append(torch.tensor(np.array([o["box"] for o in objects], np.float32).reshape(-1, 4) / scale))
            self.classes.append(torch.tensor(ids, dtype=torch.long))
            if row < len(self.annotated):
                table = np.full(256, 255, np.uint8)
                table[0] = 0
                table[1 : 1 + len(ids)] = np.array(ids, np.uint8) + 1
                self.masks[row] = table[masks[i]]
        self.weights = self._base_weights([images[i] for i in everything])
        self.tiles, self.tile_classes = self._cut_out()
        counts = np.bincount(self.tile_classes, minlength=len(photos.classes))
        self.tile_weights = np.maximum(counts, 1)[self.tile_classes] ** -0.6
        self.tile_weights /= max(self.tile_weights.sum(), 1e-9)
        print(f"scenes: {len(self.annotated)} annotated, {len(self.empty)} empty, {len(self.tile_classes)} cut-outs {counts.tolist()}")

    def __len__(self):
        return len(self.weights)

    def _base_weights(self, entries):
        """How often each picture is the base of a scene: by its source, and more often when few show its rarest class."""
        kinds = [{o["class"] for o in e.get("objects") or []} for e in entries]
        shown = Counter(k for of_picture in kinds for k in of_picture)
        commonest = max(shown.values(), default=1)
        weights = []
        for e, of_picture in zip(entries, kinds):
            if "objects" in e:
                rarest = min((shown[k] for k in of_picture), default=commonest)
                weights.append(self.s["weights"].get(e.get("source"), 1) * (rarest / 100) ** (self.s["balance"] - 1))
            else:
                weights.append(self.s["weights"]["background"])
        return np.array(weights)

    def _cut_out(self):
        """Every masked object as an RGBA tile, its longer side filling the tile; alpha is 1 inside, 1/2 on the border."""
        path = os.path.join(self.photos.cache, "cutouts.npz")
        if not os.path.exists(path):
            tiles, classes = [[] for _ in TILES], []
            for i in self.photos.indices("train", lambda e: "mask" in e):
                e = self.photos.images[i]
                mask = np.asarray(Image.open(os.path.join(self.photos.folder, e["mask"])))
                picture = np.asarray(self.photos.open(i))
                for k, o in enumerate(e["objects"], 1):
                    inside = mask == k
                    if inside.sum() < 600:
                        continue
                    ys, xs = np.nonzero(inside)
                    crop = (slice(ys.min(), ys.max() + 1), slice(xs.min(), xs.max() + 1))
                    alpha = np.where(inside, 255, np.where((mask == 255) & (len(e["objects"]) == 1), 128, 0))[crop]
                    rgba = Image.fromarray(np.dstack([picture[crop], alpha.astype(np.uint8)]), "RGBA")
                    for kept, size in zip(tiles, TILES):
                        w, h = rgba.size
                        f = (size - 4) / max(w, h)
                        small = rgba.resize((max(1, round(w * f)), max(1, round(h * f))), Image.BILINEAR)
                        tile = np.zeros((size, size, 4), np.uint8)
                        y, x = (size - small.size[1]) // 2, (size - small.size[0]) // 2
                        tile[y : y + small.size[1], x : x + small.size[0]] = np.asarray(small)
                        kept.append(tile)
                    classes.append(self.photos.classes.index(o["class"]))
            stacks = {f"t{s}": np.array(t, np.uint8).reshape(-1, s, s, 4) for s, t in zip(TILES, tiles)}
            np.savez(path, classes=np.array(classes, int), **stacks)
        saved = np.load(path)
        return [saved[f"t{s}"] for s in TILES], saved["classes"]

    def epoch(self, count):
        """`count` rows, in which each picture appears in proportion to its weight."""
        return loop.systematic(self.weights, count)

    def batch(self, rows, size):
        """-> normalised pictures [N, 3, size, size], class masks [N, size, size], per picture (boxes in 0…1, classes)."""
        n = len(rows)
        theta = self._place_bases(rows)
        x = augment.to_float(self.pixels[rows])
        x = augment.sample(x, theta, size, padding="border")
        m = torch.as_tensor(self.masks[rows])[:, None].float() - 255
        m = augment.sample(m, theta, size, mode="nearest", padding="border")[:, 0] + 255
        x = augment.colour(x)
        boxes = [self._moved(self.boxes[r], theta[j]) for j, r in enumerate(rows)]
        classes = [self.classes[r] for r in rows]
        # Objects that the crop leaves a fair part of.
        for j in range(n):
            low, high = boxes[j][:, :2], boxes[j][:, 2:]
            whole = (high - low).prod(1)
            cut = boxes[j].clamp(0, 1)
            part = (cut[:, 2:] - cut[:, :2]).prod(1)
            keep = (part > 0.3 * whole) & ((cut[:, 2:] - cut[:, :2]).min(1).values > 0.02)
            boxes[j], classes[j] = cut[keep], classes[j][keep]
        self._paste(x, m, boxes, classes, rows, size)
        x = augment.worn(augment.drawn(x.clamp_(0, 1), self.s["drawn"]), self.s["worn"])
        if np.random.rand() < self.s["quarter_turns"]:
            x, m, boxes = self._turned(x, m, boxes)
        x = augment.normalise(x, models.MobileNet).contiguous(memory_format=torch.channels_last)
        return x, m.long(), list(zip(boxes, classes))

    @staticmethod
    def _turned(x, m, boxes):
        """A quarter to the left, or to the right: what is at (x, y) comes to (y, 1 - x) or (1 - y, x)."""
        left = np.random.rand() < 0.5
        turns = 1 if left else -1
        out = []
        for b in boxes:
            x0, y0, x1, y1 = b.unbind(1)
            out.append(torch.stack([y0, 1 - x1, y1, 1 - x0] if left else [1 - y1, x0, 1 - y0, x1], 1))
        return torch.rot90(x, turns, (2, 3)), torch.rot90(m, turns, (1, 2)), out

    def _place_bases(self, rows):
        """Crop (or, with a half-extent above 1, shrink) each base; flipped half of the time; never rotated, for tight boxes."""
        n = len(rows)
        half = augment.uniform(n, *self.s["crop"])
        half = torch.where(torch.rand(n) < 0.25, torch.ones(n), half)
        ratio = torch.exp(augment.uniform(n, -0.18, 0.18))
        sx, sy = half * ratio, half / ratio
        # A crop slides within the picture, a shrunk picture within the frame.
        tx = (torch.rand(n) * 2 - 1) * (1 - sx).abs()
        ty = (torch.rand(n) * 2 - 1) * (1 - sy).abs()
        flip = (torch.rand(n) < 0.5).float() * 2 - 1
        zero = torch.zeros(n)
        return torch.stack([sx * flip, zero, tx, zero, sy, ty], 1).view(n, 2, 3)

    @staticmethod
    def _moved(boxes, theta):
        """Boxes in 0…1 of the base -> of the crop: the inverse of the sampling matrix."""
        sx, tx, sy, ty = theta[0, 0], theta[0, 2], theta[1, 1], theta[1, 2]
        x = ((boxes[:, 0::2] * 2 - 1 - tx) / sx + 1) / 2
        y = ((boxes[:, 1::2] * 2 - 1 - ty) / sy + 1) / 2
        return torch.stack([x.min(1).values, y.min(1).values, x.max(1).values, y.max(1).values], 1).view(-1, 4)

    def _paste(self, x, m, boxes, classes, rows, size):
        if len(self.tile_classes) == 0:
            return
        n = len(rows)
        base_empty = np.array([len(c) == 0 for c in classes])
        counts = np.where(
            base_empty, np.random.choice(4, n, p=self.s["pastes_background"]), np.random.choice(4, n, p=self.s["pastes"])
        )
        for layer in range(3):
            chosen = np.nonzero(counts > layer)[0]
            if len(chosen) == 0:
                break
            longer = np.exp(np.random.uniform(math.log(self.s["scale"][0]), math.log(self.s["scale"][1]), len(chosen)))
            # A picture that keeps its own object gets smaller pastes.
            longer = np.where(base_empty[chosen] & (layer == 0), np.maximum(longer, 0.3), longer * 0.8)
            for level, members in enumerate((np.nonzero(longer > 0.3)[0], np.nonzero(longer <= 0.3)[0])):
                if len(members):
                    self._paste_level(x, m, boxes, classes, chosen[members], longer[members], level, size)

    def _paste_level(self, x, m, boxes, classes, into, longer, level, size):
        k = len(into)
        pick = np.random.choice(len(self.tile_classes), k, p=self.tile_weights)
        tile = torch.as_tensor(self.tiles[level][pick]).permute(0, 3, 1, 2).float() / 255
        tile = torch.cat([augment.colour(tile[:, :3]), tile[:, 3:]], 1)
        # Squashing to a square changes proportions: pastes are stretched likewise.
        longer = torch.as_tensor(longer, dtype=torch.float32)
        ratio = torch.exp(augment.uniform(k, math.log(0.6), math.log(1.25)) / 2)
        w, h = longer * ratio, longer / ratio
        angle = augment.uniform(k, -0.3, 0.3) * (torch.rand(k) < 0.5)
        flip = (torch.rand(k) < 0.5).float() * 2 - 1
        cx = augment.uniform(k, -1, 1) * (1 - w * 0.7).clamp(min=0)
        cy = augment.uniform(k, -1, 1) * (1 - h * 0.7).clamp(min=0)
        cos, sin = angle.cos(), angle.sin()
        a, b, c, d = cos * flip / w, sin * flip / w, -sin / h, cos / h
        theta = torch.stack([a, b, -(a * cx + b * cy), c, d, -(c * cx + d * cy)], 1).view(k, 2, 3)
        tile = augment.sample(tile, theta, size, padding="zeros")
        alpha = tile[:, 3:]
        index = torch.as_tensor(into)
        x[index] = x[index] * (1 - alpha) + tile[:, :3] * alpha
        ids = torch.as_tensor(self.tile_classes[pick])
        solid, covered = alpha[:, 0] > 0.75, alpha[:, 0] > 0.25
        old = m[index]
        m[index] = torch.where(solid, (ids + 1).view(-1, 1, 1).float(), torch.where(covered, torch.full_like(old, 255), old))
        columns, lines = covered.any(1), covered.any(2)
        for j, i in enumerate(into):
            xs, ys = columns[j].nonzero()[:, 0], lines[j].nonzero()[:, 0]
            if len(xs) < 5 or len(ys) < 5:
                continue
            box = torch.tensor([[xs[0], ys[0], xs[-1] + 1, ys[-1] + 1]], dtype=torch.float32) / size
            # Objects that the paste hides for the most part are dropped.
            keep = []
            for o in boxes[i]:
                x0, y0, x1, y1 = (o * size).round().int().tolist()
                hidden = covered[j, y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)].float().mean()
                keep.append(bool(hidden < 0.6))
            keep = torch.tensor(keep, dtype=torch.bool)
            boxes[i] = torch.cat([boxes[i][keep], box])
            classes[i] = torch.cat([classes[i][keep], ids[j : j + 1]])
