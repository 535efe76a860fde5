"""Retrains the networks on pictures of your own: python3 retrain.py --pictures FOLDER [--out OUT] [--only NAME] [--minutes M]

FOLDER has a folder of pictures for each label, and perhaps an annotations.json in COCO's format (folder.py says how).
The classifier is trained on the labels, the detector where there are boxes, the segmenter where there are masks. Each
starts from the published network. OUT, by default FOLDER/retrained, gets NAME.safetensors, which the command line,
the library and, from the folder weights, the page read. When stopped, the same command goes on where it was.
"""

import argparse
import os
import subprocess
import sys
import time

import torch

import folder
import loop
import models
import settings

HERE = os.path.dirname(os.path.abspath(__file__))
TRAININGS = {
    "classifier": (models.Classifier, settings.CLASSIFIER),
    "detector": (models.Detector, settings.DETECTOR),
    "segmenter": (models.Segmenter, settings.SEGMENTER),
}


def minutes(name, pictures):
    """About how long a training takes here: one step at each size, times the number of steps."""
    build, s = TRAININGS[name]
    steps = s["short_steps"] if "short_steps" in s else max(pictures // s["batch"], s["least_steps"])
    model = build().to(memory_format=torch.channels_last).train()
    total = 0.0
    for epochs, size in s["short"]:
        x = torch.zeros(s["batch"], 3, size, size).contiguous(memory_format=torch.channels_last)
        for measured in (False, True):
            began = time.time()
            with loop.autocast("cpu"):
                out = model(x)
            sum(o.float().square().mean() for o in (out if isinstance(out, tuple) else (out,))).backward()
            if measured:
                total += (time.time() - began) * epochs * steps
    # Making the batches takes about half as long again.
    return total * 1.5 / 60


def run(*command):
    print("$ " + " ".join(command), flush=True)
    done = subprocess.run([sys.executable, *command], cwd=HERE)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed; the same command goes on from the last checkpoint")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--pictures", required=True, help="folder with a folder of pictures for each label")
    p.add_argument("--out", help="folder for checkpoints and networks (default: PICTURES/retrained)")
    p.add_argument("--only", choices=TRAININGS)
    p.add_argument("--minutes", type=float, help="train each network for so long, instead of for a number of epochs")
    p.add_argument("--threads", type=int, default=os.cpu_count())
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    out = os.path.abspath(a.out or os.path.join(a.pictures, "retrained"))
    data = folder.prepare(a.pictures, out)
    train = [e for e in data["images"] if e["split"] == "train"]
    pictures = {
        "classifier": len(train),
        "detector": sum(bool(e.get("objects")) for e in train),
        "segmenter": sum(bool(e.get("objects")) and "mask" in e for e in train),
    }
    names = [n for n in TRAININGS if pictures[n] > 0 and a.only in (None, n)]
    if not names:
        raise SystemExit(f"{a.pictures}/annotations.json has nothing to train a {a.only} on")
    expected = {n: a.minutes or minutes(n, pictures[n]) for n in names}
    print(f"{len(data['images'])} pictures, {len(train)} of them to train on; labels: {', '.join(data['classifier_labels'])}")
    for n, m in expected.items():
        print(f"{n}: about {m:.0f} minutes")
    limit = ["--minutes", str(a.minutes)] if a.minutes else []
    for n in names:
        start = os.path.join(HERE, "..", n + ".safetensors")
        common = ("--data", out, "--out", out, "--threads", str(a.threads))
        run(f"train_{n}.py", *common, "--init", start, "--short", "--resume", *limit)
        run("calibrate.py", "--data", out, "--out", out, "--only", n)
        run("export.py", "--data", out, "--weights", out, "--out", out, "--only", n)
        run("evaluate.py", "--data", out, "--weights", out, "--split", "val", "--only", n)
    print(f"{', '.join(n + '.safetensors' for n in names)} in {out}: copy them over those in weights, or give one to --model")


if __name__ == "__main__":
    main()
