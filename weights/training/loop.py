"""What the three trainings share: arguments, schedule, averaged weights, checkpoints, the progress line."""

import argparse
import copy
import ctypes
import math
import os
import random
import time

import numpy as np
import torch

import pretrained
import safetensors_file
import settings


def arguments(description):
    p = argparse.ArgumentParser(description=description)
    p.add_argument("--data", required=True, help="folder that holds annotations.json")
    p.add_argument("--out", required=True, help="folder for checkpoints and the cache of resized pictures")
    p.add_argument("--init", help="weights to start from: a checkpoint (.pt) or an exported file (.safetensors)")
    p.add_argument("--whole", action="store_true", help="all of MobileNetV2: OUT/whole-NAME.pt")
    p.add_argument("--teacher", help="weights of the whole network, for the smaller one to start and learn from")
    p.add_argument("--short", action="store_true", help="fewer epochs, to train a published network further")
    p.add_argument("--resume", action="store_true", help="go on from the last checkpoint in --out")
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    p.add_argument("--minutes", type=float, help="train for so long, instead of for a number of epochs")
    p.add_argument("--steps", type=int, help="stop after this many steps (a trial run)")
    a = p.parse_args()
    if a.teacher and (a.init or a.whole or a.short):
        p.error("--teacher goes with none of --init, --whole and --short")
    torch.set_num_threads(a.threads)
    keep_memory()
    os.makedirs(a.out, exist_ok=True)
    return a


def keep_memory():
    """Stops glibc from giving every large tensor's memory back to the kernel, which costs more than the arithmetic.

    30 steps of the classifier on one core (Zen 4, bfloat16) take 10 to 24 s, by what else runs, in place of 68.
    """
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    for parameter, value in ((-4, 0), (-1, 2**31 - 1), (-2, 2**27)):  # M_MMAP_MAX, M_TRIM_THRESHOLD, M_TOP_PAD
        mallopt(parameter, value)


def seed(value):
    random.seed(value)
    np.random.seed(value % 2**32)
    torch.manual_seed(value)


def systematic(weights, count):
    """`count` rows in random order; each appears in proportion to its weight, rounded down or up."""
    edges = np.floor(np.cumsum(weights / weights.sum() * count) + np.random.rand()).astype(int)
    order = np.random.permutation(np.repeat(np.arange(len(weights)), np.diff(edges, prepend=0).clip(0)))
    return np.concatenate([order, order])[:count]


def autocast(device):
    """bfloat16 where the processor multiplies it (AVX512-BF16) or there is a GPU; float32 elsewhere."""
    if device != "cpu":
        return torch.autocast("cuda", torch.bfloat16)
    try:
        with open("/proc/cpuinfo") as f:
            fast = "avx512_bf16" in f.read()
    except OSError:
        fast = False
    # oneDNN of PyTorch 1.13 is no faster in bfloat16.
    fast = fast and int(torch.__version__.split(".")[0]) >= 2
    return torch.autocast("cpu", torch.bfloat16, enabled=fast)


class Training:
    """SGD with Nesterov momentum, linear warm-up, cosine decay to zero, averaged weights (EMA), checkpoints.

    How far the schedule is follows from the number of steps or, with --minutes, from the time.
    """

    def __init__(self, name, model, s, args, steps_per_epoch):
        self.name, self.args, self.s = name, args, s
        # The input's size in each epoch; phases are (epochs, input size). With --minutes they are parts of the time.
        self.sizes = [size for epochs, size in s["short" if args.short else "phases"] for _ in range(epochs)]
        self.total = steps_per_epoch * len(self.sizes)
        self.device = args.device
        self.model = model.to(self.device).to(memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.model).eval()
        self.optimiser = torch.optim.SGD(self.groups(), s["learning_rate"], momentum=0.9, nesterov=True)
        self.step_number = self.epoch = self.tenth = 0
        self.path = os.path.join(args.out, ("whole-" if args.whole else "") + name + ".pt")
        self.loss = None
        before = 0.0
        if args.resume and os.path.exists(self.path):
            saved = torch.load(self.path, map_location=self.device)
            self.model.load_state_dict(saved["model"])
            self.ema.load_state_dict(saved["ema"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.step_number, self.epoch, before = saved["step"], saved["epoch"], saved["seconds"]
            self.tenth = int(10 * self.step_number / self.total)
            print(f"resumed after epoch {self.epoch}, step {self.step_number}", flush=True)
        self.began = time.time() - before

    def groups(self):
        """Parameters by their share of the learning rate and by their weight decay: none on norms and biases."""
        groups = {}
        for name, p in self.model.train().named_parameters():
            if p.requires_grad:
                share = self.s["pretrained"] if name.startswith(("stage", "top")) else 1.0
                groups.setdefault((share, self.s["weight_decay"] if p.ndim > 1 else 0.0), []).append(p)
        return [{"params": g, "share": share, "weight_decay": decay} for (share, decay), g in groups.items()]

    @property
    def progress(self):
        """From 0 to 1."""
        return self.seconds / (60 * self.args.minutes) if self.args.minutes else self.step_number / self.total

    @property
    def seconds(self):
        return time.time() - self.began

    @property
    def done(self):
        return self.progress >= 1

    @property
    def size(self):
        """Of the input, now."""
        return self.sizes[min(int(self.progress * len(self.sizes) + 1e-6), len(self.sizes) - 1)]

    def check_due(self):
        """Once in each tenth of the schedule, it is time to measure."""
        before, self.tenth = self.tenth, int(10 * self.progress)
        return self.tenth > before

    def learning_rate(self):
        warm, t = self.s["warmup"], min(1, self.progress)
        scale = t / warm if t < warm else 0.5 * (1 + math.cos(math.pi * (t - warm) / (1 - warm)))
        return self.s["learning_rate"] * scale

    def step(self, loss):
        for group in self.optimiser.param_groups:
            group["lr"] = self.learning_rate() * group["share"]
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimiser.step()
        self.step_number += 1
        # Short memory at first, so that the average soon forgets the start.
        decay = min(self.s["ema"], (1 + self.step_number) / (10 + self.step_number))
        with torch.no_grad():
            for mean, now in zip(self.ema.state_dict().values(), self.model.state_dict().values()):
                if mean.is_floating_point():
                    mean.lerp_(now, 1 - decay)
                else:
                    mean.copy_(now)
        value = float(loss.detach())
        self.loss = value if self.loss is None else 0.98 * self.loss + 0.02 * value
        if self.args.steps and self.step_number >= self.args.steps:
            self.report("trial over")
            raise SystemExit

    def report(self, extra=""):
        left = self.seconds * (1 / self.progress - 1)
        print(
            f"{time.strftime('%H:%M:%S')} {self.name} step {self.step_number} loss {self.loss:.3f} "
            f"lr {self.learning_rate():.4f} left {left / 60:.1f} min size {self.size} {extra}",
            flush=True,
        )

    def settle(self, pictures):
        """Measures the averaged network's batch-normalisation statistics anew, on training batches of the final size.

        Those gathered while training are of several sizes and older weights. `pictures()` makes one batch, augmented
        as in training: the weights were fitted to what these statistics make of such pictures.
        """
        norms = [m for m in self.ema.modules() if isinstance(m, torch.nn.BatchNorm2d) and m.weight.requires_grad]
        for m in norms:
            m.reset_running_stats()
            m.momentum = None  # a plain mean over all batches
            m.train()
        seed(settings.SEED)
        with torch.no_grad():
            # A short training has few pictures.
            for _ in range(12 if self.args.short else 48):
                self.ema(pictures().to(self.device))
        for m in norms:
            m.momentum = 0.1
            m.eval()
        self.save()

    def save(self):
        torch.save(
            {"model": self.model.state_dict(), "ema": self.ema.state_dict(), "optimiser": self.optimiser.state_dict(),
             "step": self.step_number, "epoch": self.epoch, "seconds": self.seconds},
            self.path + ".part",
        )
        os.replace(self.path + ".part", self.path)


def weights(path):
    """The tensors of an exported file, or a checkpoint's averaged ones."""
    return safetensors_file.read(path)[0] if path.endswith(".safetensors") else torch.load(path, map_location="cpu")["ema"]


def start_from(model, path, pictures=None):
    """Starts `model` from a checkpoint's averaged weights or from an exported file of the same kind of network.

    Layers of another size, such as the last one for other classes, stay as they are. A file in torchvision's names
    gives MobileNetV2; `pictures()` makes a batch, augmented as in training. Exported weights are rounded to float16,
    less than one step of the optimiser moves them.
    """
    if not path:
        return
    state = narrowed(weights(path), model.wide)
    if "features.0.0.weight" in state:
        pretrained.start_from(model, state, (pictures() for _ in range(12)))
        return
    wanted = {k: v.shape for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}
    taken = {k: state[k] for k, shape in wanted.items() if k in state and state[k].shape == shape}
    model.load_state_dict(taken, strict=False)
    print(f"{path}: {len(taken)} of {len(wanted)} tensors taken", flush=True)


def narrowed(state, width):
    """Of a layer `top` with more than `width` features those that the layer after it weighs most."""
    if "top.conv.weight" not in state or len(state["top.conv.weight"]) <= width:
        return state
    after = "coarse.weight" if "coarse.weight" in state else "head.weight"
    chosen = state[after].float().flatten(1).norm(dim=0).topk(width).indices.sort().values
    kept = {name: t[chosen] if name.startswith("top.") and t.ndim > 0 else t for name, t in state.items()}
    return {**kept, after: state[after][:, chosen]}


def teacher(model, args):
    """`model` with the weights of --teacher, only to be asked."""
    start_from(model, args.teacher)
    return model.to(args.device).to(memory_format=torch.channels_last).eval().requires_grad_(False)
