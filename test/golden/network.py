"""The tiny network of PyTorch's own optimizer tests (test/cpp/api/optim_baseline.py), in float64: 2-3-1, sigmoids, 13 weights."""

import torch

INPUT = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]


def network() -> torch.nn.Module:
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Sigmoid(), torch.nn.Linear(3, 1), torch.nn.Sigmoid()).double()
    torch.manual_seed(0)
    for p in model.parameters():
        torch.nn.init.uniform_(p, -1, 1)
    return model


def flat(model: torch.nn.Module) -> list[float]:
    return [value for p in model.parameters() for value in p.detach().flatten().tolist()]


def trajectory(optimizer, model, steps: int, every: int, after_step=lambda: None, measured=None) -> list[list[float]]:
    """Descends on the sum of outputs; all weights of the measured network (the trained one, unless told) every few steps."""
    samples = []
    for step in range(steps):
        optimizer.zero_grad()
        model(torch.tensor(INPUT, dtype=torch.float64)).sum().backward()
        optimizer.step()
        after_step()
        if step % every == 0:
            samples.append(flat(measured() if measured else model))
    return samples
