"""What goes into a network: pictures as they are, and augmentation of whole batches in torch: geometry by one affine
sampling, then colour, then mixing."""

import math

import numpy as np
import torch
from torch.nn import functional as F



def normalise(x, network):
    """[N, 3, H, W] in 0…1 -> the input of a network, or of a class of networks."""
    mean = torch.tensor(network.MEAN, device=x.device).view(1, 3, 1, 1)
    std = torch.tensor(network.STD, device=x.device).view(1, 3, 1, 1)
    return (x - mean) / std


def to_float(pixels, device="cpu"):
    """uint8 array [N, H, W, 3] -> float [N, 3, H, W] in 0…1, channels last in memory."""
    x = torch.as_tensor(pixels).to(device)
    return x.permute(0, 3, 1, 2).float().div_(255)


def network_input(picture, network, size):
    """A PIL picture -> [1, 3, size, size]: squashed by a triangle filter as wide as the reduction, then normalised.

    All in floating point, as in the engine; PIL's own resizing rounds to bytes after each of its two passes.
    """
    x = to_float(np.array(picture)[None])
    return normalise(F.interpolate(x, (size, size), mode="bilinear", align_corners=False, antialias=True), network)


def uniform(n, low, high):
    return torch.rand(n) * (high - low) + low


def random_affine(n, area, rotation, aspect=4 / 3):
    """Random crop, flip and rotation as sampling matrices [n, 2, 3]; `area` is (low [n] or number, high)."""
    low, high = area
    low = torch.as_tensor(low, dtype=torch.float32).expand(n)
    share = low + torch.rand(n) * (high - low)
    ratio = torch.exp(uniform(n, -math.log(aspect), math.log(aspect)) / 2)
    # Half-extents of the crop in units where the picture spans -1…1.
    sx = (share.sqrt() * ratio).clamp(max=1)
    sy = (share.sqrt() / ratio).clamp(max=1)
    tx = (torch.rand(n) * 2 - 1) * (1 - sx)
    ty = (torch.rand(n) * 2 - 1) * (1 - sy)
    angle = uniform(n, -1, 1) * math.radians(rotation) * (torch.rand(n) < 0.5)
    flip = (torch.rand(n) < 0.5).float() * 2 - 1
    cos, sin = angle.cos(), angle.sin()
    theta = torch.stack([sx * cos * flip, -sy * sin, tx, sx * sin * flip, sy * cos, ty], 1)
    return theta.view(n, 2, 3)


def sample(x, theta, size, mode="bilinear", padding="reflection"):
    grid = F.affine_grid(theta.to(x), (x.shape[0], x.shape[1], size, size), align_corners=False)
    return F.grid_sample(x, grid, mode=mode, padding_mode=padding, align_corners=False)


def colour(x, strength=0.35):
    """Brightness, contrast, saturation and tint for each picture; now and then grey. [N, 3, H, W] in 0…1.

    All of them are affine in a pixel's colour, so they are one 3x3 matrix and an offset for each picture.
    """
    n, _, h, w = x.shape

    def factor(spread):
        return uniform(n, 1 - spread, 1 + spread).view(n, 1, 1)

    luma = torch.tensor([0.299, 0.587, 0.114])
    grey = luma.expand(3, 3)  # every row: pixel -> its grey
    saturation = factor(strength) * (torch.rand(n) > 0.08).view(n, 1, 1)
    contrast, brightness = factor(strength), factor(strength)
    tint = uniform(n * 3, 0.92, 1.08).view(n, 3, 1)
    matrix = (grey + (torch.eye(3) - grey) * saturation) * contrast * brightness * tint
    mean = (x.mean((2, 3)).cpu() @ luma).view(n, 1, 1)
    offset = mean * (1 - contrast) * brightness * tint
    return torch.baddbmm(offset.to(x), matrix.to(x), x.reshape(n, 3, h * w)).view(n, 3, h, w).clamp_(0, 1)


def drawn(x, share):
    """Some of the pictures as somebody might draw them: as lines, in flat colours, or both. [N, 3, H, W] in 0…1."""
    chosen = (torch.rand(len(x)) < share).nonzero()[:, 0]
    n = len(chosen)
    if n == 0:
        return x
    smooth = x[chosen]
    for _ in range(2):
        smooth = F.avg_pool2d(F.pad(smooth, (2, 2, 2, 2), mode="replicate"), 5, 1)
    levels = torch.randint(2, 6, (n, 1, 1, 1)).to(x)
    flat = (smooth * levels).round() / levels
    grey = F.pad(smooth.mean(1, keepdim=True), (1, 1, 1, 1), mode="replicate")
    down, across = grey[:, :, 2:, 1:-1] - grey[:, :, :-2, 1:-1], grey[:, :, 1:-1, 2:] - grey[:, :, 1:-1, :-2]
    lines = (1.15 - (down.square() + across.square()).sqrt() * uniform(n, 5, 12).view(-1, 1, 1, 1).to(x)).clamp(0, 1)
    style = torch.randint(0, 3, (n, 1, 1, 1), device=x.device)
    x = x.clone()
    x[chosen] = torch.where(style == 0, lines.expand_as(flat), torch.where(style == 1, flat, flat * lines))
    return x


def worn(x, share):
    """Some of the pictures dark, blurred or noisy, as phones take them. [N, 3, H, W] in 0…1."""
    chosen = (torch.rand(len(x)) < share).nonzero()[:, 0]
    n = len(chosen)
    if n == 0:
        return x
    part = x[chosen]
    kind = torch.randint(0, 3, (n, 1, 1, 1), device=x.device)
    dark = part.clamp(min=1e-4) ** uniform(n, 1.5, 3).view(-1, 1, 1, 1).to(x)
    blurred = F.avg_pool2d(F.pad(part, (2, 2, 2, 2), mode="replicate"), 5, 1)
    noisy = (part + torch.randn_like(part) * uniform(n, 0.03, 0.12).view(-1, 1, 1, 1).to(x)).clamp(0, 1)
    x = x.clone()
    x[chosen] = torch.where(kind == 0, dark, torch.where(kind == 1, blurred, noisy))
    return x


def quarter_turns(theta, share):
    """Some of the sampling matrices turned by a quarter, either way."""
    turned = torch.rand(len(theta)) < share
    sign = (torch.rand(len(theta)) < 0.5).float() * 2 - 1
    other = torch.stack([theta[:, :, 1] * sign[:, None], -theta[:, :, 0] * sign[:, None], theta[:, :, 2]], 2)
    return torch.where(turned[:, None, None], other, theta)


def mix(x, targets, cutmix, mixup):
    """CutMix on a share of batches, mixup on another; `targets` are distributions [N, classes]."""
    draw = torch.rand(1).item()
    if draw >= cutmix + mixup:
        return x, targets
    n, _, h, w = x.shape
    other = torch.randperm(n)
    if draw < cutmix:
        share = 1 - torch.rand(1).item()  # of the first picture
        ch, cw = int(h * math.sqrt(1 - share)), int(w * math.sqrt(1 - share))
        top, left = torch.randint(0, h - ch + 1, (1,)).item(), torch.randint(0, w - cw + 1, (1,)).item()
        x = x.clone()
        x[:, :, top : top + ch, left : left + cw] = x[other, :, top : top + ch, left : left + cw]
        share = 1 - ch * cw / (h * w)
    else:
        share = torch.distributions.Beta(0.4, 0.4).sample().item()
        x = x * share + x[other] * (1 - share)
    return x, targets * share + targets[other] * (1 - share)
