"""Gradients clipped by PyTorch: by value, and by the norm of all together, in float64."""

import torch

import golden

GRADIENTS = {"a/kernel": [3.0, -4.0, 0.25], "a/bias": [0.5], "b/kernel": [-12.0, 0.0]}


def clipped(clip, limit: float) -> dict:
    weights = {name: torch.nn.Parameter(torch.zeros(len(values), dtype=torch.float64)) for name, values in GRADIENTS.items()}
    for name, values in GRADIENTS.items():
        weights[name].grad = torch.tensor(values, dtype=torch.float64)
    clip(weights.values(), limit)
    return {name: weight.grad.tolist() for name, weight in weights.items()}


PEERS = {"clip-by-norm": torch.nn.utils.clip_grad_norm_, "clip-by-value": torch.nn.utils.clip_grad_value_}
cases = [{"name": name, "limit": limit, "clipped": clipped(clip, limit)} for name, clip in PEERS.items() for limit in (0.1, 1.0, 5.0, 100.0)]
golden.write(__file__, ["torch"], {"gradients": GRADIENTS, "cases": cases})
