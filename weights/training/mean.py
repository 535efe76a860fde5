"""The mean of several trainings of one network: python3 mean.py --out OUT/NAME.pt --of FIRST SECOND .. [--shares 0.3 0.7]

Trainings that start from the same weights end close enough to each other for the mean of their weights to be a network,
and often a better one than each of them (Wortsman et al. 2022, "Model soups"). FIRST, SECOND .. are checkpoints or
exported files. Statistics of batch normalisation are averaged like weights. A network that lacks a block passes on what comes
to it, so that the block counts as one that adds zero there. Calibrate the result before its export.
"""

import argparse
import re

import torch

import loop

# Tensors of a block that is added to what it gets, and of those the ones that its results are proportional to.
BLOCK = re.compile(r"stage\d\.[1-9]\.")
ADDED = re.compile(BLOCK.pattern + r"project\.bn\.(weight|bias)$")


def mean(states, shares):
    """Tensors of the same shapes, each by its share; shares are made to add up to 1."""
    everything = {k: t for state in states for k, t in state.items()}
    fits = lambda k, state: state[k].shape == everything[k].shape if k in state else BLOCK.match(k)
    differing = [k for k in everything if not all(fits(k, state) for state in states)]
    if differing:
        raise SystemExit(f"not of one network: {', '.join(sorted(differing)[:5])}")
    result = {}
    for k in everything:
        have = [(share, state[k].float()) for share, state in zip(shares, states) if k in state]
        total = sum(shares if ADDED.match(k) else [share for share, _ in have])
        result[k] = sum(share / total * t for share, t in have)
    return result


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--of", nargs="+", required=True, help="checkpoints or exported files of one network")
    p.add_argument("--shares", nargs="+", type=float, help="one for each file; otherwise all count alike")
    p.add_argument("--out", required=True, help="the checkpoint to write")
    a = p.parse_args()
    shares = a.shares or [1.0] * len(a.of)
    if len(shares) != len(a.of) or min(shares) < 0 or sum(shares) == 0:
        p.error(f"--shares wants {len(a.of)} numbers of at least 0, not all 0; got {' '.join(map(str, shares))}")
    states = [{k: t for k, t in loop.weights(path).items() if not k.endswith("num_batches_tracked")} for path in a.of]
    torch.save({"ema": mean(states, shares)}, a.out)


if __name__ == "__main__":
    main()
