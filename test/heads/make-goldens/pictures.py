"""What Pillow, torchvision and Ultralytics' letterbox make of pictures: `python3 pictures.py` writes ../goldens/pictures.json."""

import json
import math
from pathlib import Path

import numpy as np
import compiled_nms  # noqa: F401
from PIL import Image
from torchvision.transforms import functional

FILE = Path(__file__).resolve().parent.parent / "goldens" / "pictures.json"
FILTERS = {filter.name.lower(): filter for filter in Image.Resampling}


# With odd lengths of pictures and results no filter ends on the edge or the middle of a pixel, where the rounding of a
# division would decide.
SIZES = [(59, 47), (41, 75), (29, 37)]


def picture(width, height, seed):
    """Waves, and blocks with sharp edges."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([np.sin(x / 3 + seed), np.cos(y / 4), np.sin((x + y) / 5)], -1) * 100 + 128
    blocks = random.integers(0, 2, (height // 5 + 1, width // 5 + 1, 3)).repeat(5, 0).repeat(5, 1)[:height, :width] * 255
    return np.clip(np.where((x // 8 + y // 8)[..., None] % 2 == 0, waves, blocks), 0, 255).astype(np.uint8)


def squash(image, side, filter):
    return image.resize((side[1], side[0]), FILTERS[filter])


def crop(image, side, filter):
    """torchvision's classifiers: the short side to 25/22 of the input, then the middle."""
    resized = functional.resize(image, round(side[0] * 25 / 22), interpolation=functional.InterpolationMode(filter))
    return functional.center_crop(resized, list(side))


def middle(image, side, filter):
    """DeiT's and BEiT's classifiers: the whole is squashed to 25/22 of the input, of which the middle is seen."""
    whole = [round(length * 25 / 22) for length in side]
    return functional.center_crop(squash(image, whole, filter), list(side))


def letterbox(image, side, filter):
    """Ultralytics' LetterBox, by Pillow's filter."""
    ratio = min(side[0] / image.height, side[1] / image.width)
    width, height = round(image.width * ratio), round(image.height * ratio)
    left, top = round((side[1] - width) / 2 - 0.1), round((side[0] - height) / 2 - 0.1)
    result = Image.new("RGB", (side[1], side[0]), (114, 114, 114))
    result.paste(image.resize((width, height), FILTERS[filter]), (left, top))
    return result


if __name__ == "__main__":
    cases = []
    for seed, (width, height) in enumerate(SIZES):
        pixels = picture(width, height, seed)
        image = Image.fromarray(pixels)
        for fit, make in [("squash", squash), ("crop", crop), ("squash", middle), ("letterbox", letterbox)]:
            for filter in FILTERS:
                if filter == "box" and make is letterbox:
                    continue
                side = (22, 22) if make in (crop, middle) else (19, 23)
                result = np.asarray(make(image, side, filter))
                assert result.shape == (*side, 3) and math.isfinite(result.mean())
                cases.append({"picture": seed, "fit": fit, "filter": filter, "size": side, "keep": 22 / 25 if make in (crop, middle) else 1,
                              "pixels": result.tobytes().hex()})
    pictures = [{"width": w, "height": h, "pixels": picture(w, h, seed).tobytes().hex()}
                for seed, (w, h) in enumerate(SIZES)]
    FILE.write_text(json.dumps({"pictures": pictures, "cases": cases}) + "\n")
