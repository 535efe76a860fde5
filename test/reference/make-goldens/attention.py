"""Scaled dot-product attention by PyTorch, in float64, on inputs rounded to float32."""

import numpy as np
import torch
from golden import Goldens


def make():
    g = Goldens(seed=23)

    def add(name, q, k, v, scale, mask=None):
        inputs = [q, k, v] + ([] if mask is None else [mask])
        doubles = [torch.from_numpy(x).double() for x in inputs]
        y = torch.nn.functional.scaled_dot_product_attention(
            *doubles[:3], attn_mask=doubles[3] if mask is not None else None, scale=scale
        )
        g.add(name, "attention", {"scale": scale}, inputs, [y.float().numpy()])

    add("heads of a batch", g.normal(2, 3, 7, 8), g.normal(2, 3, 9, 8), g.normal(2, 3, 9, 8), 0.5)
    add("values of another length", g.normal(1, 5, 6), g.normal(1, 4, 6), g.normal(1, 4, 3), 1.5)
    add("large scores", g.normal(1, 5, 16), g.normal(1, 11, 16), g.normal(1, 11, 16), 40.0)
    hidden = np.triu(np.full((6, 6), -np.inf, np.float32), 1)
    add("a causal mask", g.normal(2, 2, 6, 4), g.normal(2, 2, 6, 4), g.normal(2, 2, 6, 4), 0.5, hidden)
    add("a mask for each head", g.normal(2, 2, 5, 4), g.normal(2, 2, 6, 4), g.normal(2, 2, 6, 4), 0.5, g.normal(1, 2, 5, 6))
    return g
