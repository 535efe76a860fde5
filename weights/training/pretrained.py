"""Starting from weights that others trained: MobileNetV2 in torchvision's names, batch normalisation folded or not."""

import torch

import models


def torchvision_names(name):
    """`features.4.conv.0.0` for `stage3.0.expand.conv`: the name that torchvision gives the same layer."""
    if name.startswith("stem"):
        return "features.0.0", "features.0.1"
    if name.startswith("top"):
        return "features.18.0", "features.18.1"
    stage, block, part = name.split(".")[:3]
    stage = int(stage[5:])
    at = 1 + sum(models.WHOLE[: stage - 1]) + int(block)
    place = {"expand": 0, "depthwise": 1, "project": 2}[part] - (stage == 1)
    if part == "project":
        return f"features.{at}.conv.{place}", f"features.{at}.conv.{place + 1}"
    return f"features.{at}.conv.{place}.0", f"features.{at}.conv.{place}.1"


@torch.no_grad()
def start_from(model, state, batches):
    """Takes MobileNetV2's layers from `state`, a state dict in torchvision's names.

    Where it has batch normalisation folded into its convolutions, that is put back: on `batches` of pictures, as in
    training, the mean and variance of each convolution's results are measured, and scale and shift are chosen so that
    they undo them. The network computes the same, and training can go on. Filters are brought to length 1, so that one
    learning rate suits all: folded filters differ by orders of magnitude.
    """
    folded, taken = [], 0
    for name, unit in model.named_modules():
        if not isinstance(unit, models.ConvBN) or not name.startswith(("stem", "stage", "top")):
            continue
        conv, norm = torchvision_names(name)
        weight = state[conv + ".weight"].float()
        taken += 1
        if norm + ".running_mean" in state:
            unit.conv.weight.copy_(weight)
            unit.bn.load_state_dict({k[len(norm) + 1 :]: v for k, v in state.items() if k.startswith(norm + ".")})
            continue
        length = weight.flatten(1).norm(dim=1).clamp(min=1e-6)
        unit.conv.weight.copy_(weight / length.view(-1, 1, 1, 1))
        unit.bn.running_mean.zero_()
        unit.bn.running_var.fill_(1 - unit.bn.eps)
        unit.bn.weight.copy_(length)
        unit.bn.bias.copy_(state[conv + ".bias"])
        folded.append(unit)
    if folded:
        _measure(model, folded, batches)
    print(f"{taken} layers taken, batch normalisation put back in {len(folded)}", flush=True)


def _measure(model, units, batches):
    sums = {}

    def add(conv, _, y):
        y = y.double()
        now = torch.stack([y.sum((0, 2, 3)), (y * y).sum((0, 2, 3)), torch.full_like(y[0, :, 0, 0], y[:, 0].numel())])
        sums[conv] = sums.get(conv, 0) + now

    hooks = [u.conv.register_forward_hook(add) for u in units]
    model.eval()
    for x in batches:
        model(x)
    for h in hooks:
        h.remove()
    for u in units:
        total, squares, count = sums[u.conv]
        mean = (total / count).float()
        var = (squares / count - (total / count) ** 2).clamp(min=0).float()
        length = u.bn.weight.clone()
        u.bn.running_mean.copy_(mean)
        u.bn.running_var.copy_(var)
        u.bn.weight.copy_(length * (var + u.bn.eps).sqrt())
        u.bn.bias.add_(length * mean)
