"""Rate multipliers of PyTorch's schedulers; of timm's for the cosine with a warm-up, which PyTorch has no name for."""

import warnings

import torch
from timm.scheduler import CosineLRScheduler

import golden

warnings.filterwarnings("ignore")
STEPS = 100


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)


def pytorch(make):
    peer = optimizer()
    scheduler = make(peer)
    rates = []
    for _ in range(STEPS):
        rates.append(peer.param_groups[0]["lr"])
        peer.step()
        scheduler.step()
    return rates


def timm(warmup: int, floor: float):
    peer = optimizer()
    scheduler = CosineLRScheduler(peer, t_initial=STEPS - warmup, lr_min=floor, warmup_t=warmup, warmup_lr_init=0, warmup_prefix=True)
    rates = []
    for step in range(STEPS):
        scheduler.step(step)
        rates.append(peer.param_groups[0]["lr"])
    return rates


lr = torch.optim.lr_scheduler
cases = [
    # position = index / 100, epoch = index + 1
    {"name": "constant", "options": {}, "rates": pytorch(lambda o: lr.ConstantLR(o, factor=1))},
    {"name": "cosine", "options": {}, "rates": pytorch(lambda o: lr.CosineAnnealingLR(o, T_max=STEPS))},
    {"name": "cosine", "options": {"floor": 0.1}, "rates": pytorch(lambda o: lr.CosineAnnealingLR(o, T_max=STEPS, eta_min=0.1))},
    {"name": "cosine", "options": {"warmup": 0.1}, "rates": timm(10, 0)},
    {"name": "cosine", "options": {"warmup": 0.25, "floor": 0.05}, "rates": timm(25, 0.05)},
    {"name": "step", "options": {}, "rates": pytorch(lambda o: lr.StepLR(o, step_size=5, gamma=0.5))},
    {"name": "step", "options": {"every": 20, "factor": 0.1}, "rates": pytorch(lambda o: lr.StepLR(o, step_size=20, gamma=0.1))},
]
golden.write(__file__, ["torch", "timm"], {"steps": STEPS, "cases": cases})
