"""Trajectories of optimizers on the tiny network of PyTorch's own tests (test/cpp/api/optim_baseline.py), in float64.

1,001 steps, all weights sampled every 100. `adam-uncorrected` is not in PyTorch: it is written out in NumPy below, on
PyTorch's gradients.
"""

import numpy
import torch

import golden

STEPS, EVERY = 1001, 100
INPUT = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]


class UncorrectedAdam(torch.optim.Optimizer):
    """Adam without bias correction, straight from the formula."""

    def __init__(self, params, lr, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    def step(self):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                g, state = p.grad.numpy(), self.state[p]
                m = state["m"] = b1 * state.get("m", numpy.zeros_like(g)) + (1 - b1) * g
                v = state["v"] = b2 * state.get("v", numpy.zeros_like(g)) + (1 - b2) * g**2
                p.data -= torch.from_numpy(group["lr"] * m / (numpy.sqrt(v) + group["eps"]))


def cosine(optimizer):
    return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS)


optim = torch.optim
# label: contribution, its options, rate, the peer, and the peer's schedule if any
CASES = {
    "sgd": ("sgd", {}, 0.1, lambda p: optim.SGD(p, lr=0.1), None),
    "momentum": ("momentum", {}, 0.01, lambda p: optim.SGD(p, lr=0.01, momentum=0.9), None),
    "momentum-half": ("momentum", {"momentum": 0.5}, 0.1, lambda p: optim.SGD(p, lr=0.1, momentum=0.5), None),
    "momentum-cosine": ("momentum", {}, 0.01, lambda p: optim.SGD(p, lr=0.01, momentum=0.9), cosine),
    "nesterov": ("momentum", {"nesterov": True}, 0.01, lambda p: optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True), None),
    "adam": ("adam", {}, 0.01, lambda p: optim.Adam(p, lr=0.01), None),
    "adam-options": ("adam", {"beta1": 0.8, "beta2": 0.99, "epsilon": 1e-4}, 0.01,
                     lambda p: optim.Adam(p, lr=0.01, betas=(0.8, 0.99), eps=1e-4), None),
    "adamw": ("adam", {"weightDecay": 0.1}, 0.01, lambda p: optim.AdamW(p, lr=0.01, weight_decay=0.1), None),
    "adam-uncorrected": ("adam", {"biasCorrection": False}, 0.01, lambda p: UncorrectedAdam(p, lr=0.01), None),
}


def network() -> torch.nn.Module:
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Sigmoid(), torch.nn.Linear(3, 1), torch.nn.Sigmoid()).double()
    torch.manual_seed(0)
    for p in model.parameters():
        torch.nn.init.uniform_(p, -1, 1)
    return model


def flat(model) -> list[list[float]]:
    return [p.detach().flatten().tolist() for p in model.parameters()]


trajectories = {}
for label, (name, options, rate, make, schedule) in CASES.items():
    model = network()
    optimizer = make(model.parameters())
    scheduler = schedule(optimizer) if schedule else None
    samples = []
    for step in range(STEPS):
        optimizer.zero_grad()
        model(torch.tensor(INPUT, dtype=torch.float64)).sum().backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
        if step % EVERY == 0:
            samples.append(flat(model))
    trajectories[label] = {"name": name, "options": options, "rate": rate, "schedule": "cosine" if schedule else "constant", "samples": samples}

golden.write(__file__, ["torch", "numpy"], {"steps": STEPS, "every": EVERY, "input": INPUT, "start": flat(network()), "trajectories": trajectories})
