"""Rates of PyTorch's schedulers over 1,000 steps, and where the tiny network of network.py goes by them (momentum 0.9, base rate 0.05),
in float64; of timm's for the cosine with a warm-up, of Keras's for the smooth exponential and for 1 / t, which PyTorch has no name for.

Rates and weights are sampled every 20 steps. Epochs are of 50 steps; `last` is the step that stands for the end of the phase.
"""

import os
import warnings

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras  # noqa: E402
import torch  # noqa: E402
from timm.scheduler import CosineLRScheduler  # noqa: E402

import golden  # noqa: E402
from network import INPUT, flat, network, trajectory  # noqa: E402

warnings.filterwarnings("ignore")
keras.config.set_floatx("float64")
STEPS, EPOCH, EVERY, BASE = 1000, 50, 20, 0.05
LOSSES = [2.0, 1.5, 1.2, 1.2, 1.19999, 1.3, 1.1, 1.2, 1.15, 1.11, 1.12, 1.1, 0.9, 0.95, 0.91, 0.9, 0.93, 0.94, 0.8, 0.9]
lr = torch.optim.lr_scheduler


class PerEpoch:
    def __init__(self, scheduler, losses=None):
        self.scheduler, self.losses, self.done = scheduler, losses, 0

    def step(self):
        self.done += 1
        if self.done % EPOCH == 0:
            self.scheduler.step(*([] if self.losses is None else [self.losses[self.done // EPOCH - 1]]))


class Function:
    """A rate that is a function of the step."""

    def __init__(self, optimizer, rate):
        self.optimizer, self.rate, self.done = optimizer, rate, -1
        self.step()

    def step(self):
        self.done += 1
        self.optimizer.param_groups[0]["lr"] = float(self.rate(self.done))


def timm(optimizer, warmup: int, floor: float):
    peer = CosineLRScheduler(optimizer, t_initial=STEPS - warmup, lr_min=floor * BASE, warmup_t=warmup, warmup_lr_init=0, warmup_prefix=True)

    def rate(step):
        peer.step(step)
        return optimizer.param_groups[0]["lr"]

    return Function(optimizer, rate)


def kerases(make):
    return lambda optimizer: Function(optimizer, make(keras.optimizers.schedules))


def restarts(first, growth):
    return lambda o: lr.CosineAnnealingWarmRestarts(o, T_0=first, T_mult=growth)


def cyclic(cycles, floor, mode):
    half = STEPS // cycles // 2
    return lambda o: lr.CyclicLR(o, base_lr=floor * BASE, max_lr=BASE, step_size_up=half, mode=mode, cycle_momentum=False)


def one_cycle(rise, shape, **options):
    # PyTorch's peak stands at step pct_start * STEPS - 1, ours at rise * (STEPS - 1).
    share = (rise * (STEPS - 1) + 1) / STEPS
    return lambda o: lr.OneCycleLR(o, max_lr=BASE, total_steps=STEPS, pct_start=share, anneal_strategy=shape, cycle_momentum=False, **options)


def warm(start, steps, then):
    return lambda o: lr.SequentialLR(o, [lr.LinearLR(o, start_factor=start, total_iters=steps), then(o)], milestones=[steps])


def plateau(**options):
    return lambda o: PerEpoch(lr.ReduceLROnPlateau(o, **{"eps": 0, **options}), LOSSES)


CASES = [
    ("constant", {}, lambda o: lr.ConstantLR(o, factor=1)),
    ("step", {}, lambda o: PerEpoch(lr.StepLR(o, step_size=5, gamma=0.5))),
    ("step", {"every": 7, "factor": 0.1}, lambda o: PerEpoch(lr.StepLR(o, step_size=7, gamma=0.1))),
    ("exponential", {}, lambda o: PerEpoch(lr.ExponentialLR(o, gamma=0.95))),
    ("exponential", {"per": "step", "factor": 0.999}, lambda o: lr.ExponentialLR(o, gamma=0.999)),
    ("exponential", {"per": "step", "factor": 0.5, "every": 200}, kerases(lambda s: s.ExponentialDecay(BASE, decay_steps=200, decay_rate=0.5))),
    ("inverse-time", {}, lambda o: PerEpoch(lr.LambdaLR(o, lambda t: 1 / (1 + 0.5 * t)))),
    ("inverse-time", {"per": "step", "k": 0.01}, kerases(lambda s: s.InverseTimeDecay(BASE, decay_steps=100, decay_rate=1.0))),
    ("polynomial", {}, lambda o: lr.PolynomialLR(o, total_iters=STEPS, power=1)),
    ("polynomial", {"power": 2.5}, lambda o: lr.PolynomialLR(o, total_iters=STEPS, power=2.5)),
    ("polynomial", {"power": 2, "floor": 0.2}, kerases(lambda s: s.PolynomialDecay(BASE, STEPS, end_learning_rate=0.2 * BASE, power=2))),
    ("cosine", {}, lambda o: lr.CosineAnnealingLR(o, T_max=STEPS)),
    ("cosine", {"floor": 0.1}, lambda o: lr.CosineAnnealingLR(o, T_max=STEPS, eta_min=0.1 * BASE)),
    ("cosine", {"warmup": 0.1}, lambda o: timm(o, 100, 0)),
    ("cosine", {"warmup": 0.25, "floor": 0.05}, lambda o: timm(o, 250, 0.05)),
    ("cosine-restarts", {"cycles": 4}, restarts(250, 1)),
    ("cosine-restarts", {"cycles": 2, "growth": 3, "floor": 0.1}, lambda o: lr.CosineAnnealingWarmRestarts(o, T_0=250, T_mult=3, eta_min=0.1 * BASE)),
    ("cyclic", {}, cyclic(4, 0.1, "triangular")),
    ("cyclic", {"cycles": 5, "floor": 0, "shrink": 0.5}, cyclic(5, 0, "triangular2")),
    ("one-cycle", {}, one_cycle(0.3, "cos")),
    ("one-cycle", {"rise": 0.5, "start": 0.1, "end": 0.01, "shape": "line"}, one_cycle(0.5, "linear", div_factor=10, final_div_factor=10)),
    ("warm-up", {"share": 0.1, "from": 0.01}, warm(0.01, 100, lambda o: lr.CosineAnnealingLR(o, T_max=STEPS - 100))),
    ("warm-up", {"of": {"name": "polynomial", "power": 2}, "share": 0.5, "from": 0.2},
     warm(0.2, 500, lambda o: lr.PolynomialLR(o, total_iters=STEPS - 500, power=2))),
    ("reduce-on-plateau", {}, plateau(patience=2)),
    ("reduce-on-plateau", {"factor": 0.5, "patience": 1, "threshold": 0.05, "cooldown": 2, "floor": 0.3},
     plateau(factor=0.5, patience=1, threshold=0.05, cooldown=2, min_lr=0.3 * BASE)),
]


def course(make) -> dict:
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=BASE, momentum=0.9)
    scheduler, rates = make(optimizer), []

    def after_step():
        rates.append(optimizer.param_groups[0]["lr"] / BASE)
        scheduler.step()

    samples = trajectory(optimizer, model, STEPS, EVERY * 5, after_step)
    return {"rates": rates[::EVERY], "samples": samples}


cases = [{"name": name, "options": options, "last": STEPS - 1 if name == "one-cycle" else STEPS, **course(make)} for name, options, make in CASES]
golden.write(__file__, ["torch", "timm", "keras"], {
    "steps": STEPS, "epoch": EPOCH, "every": EVERY, "base": BASE, "losses": LOSSES, "input": INPUT, "start": flat(network()), "cases": cases,
})
