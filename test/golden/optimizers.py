"""Trajectories of optimizers on the tiny network of network.py, in float64: 1,001 steps, all weights sampled every 100.

The peer is PyTorch; Keras where its formula is another one (rmsprop with epsilon under the root, nadam whose momentum grows at
another pace, nesterov with the rate inside the velocity, lion, which PyTorch has not), and where its defaults are others (adadelta).
What neither has is written out below, straight from the formula.
"""

import copy
import os

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras  # noqa: E402
import torch  # noqa: E402
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn  # noqa: E402

import golden  # noqa: E402
from network import INPUT, flat, network, trajectory  # noqa: E402

keras.config.set_floatx("float64")
STEPS, EVERY = 1001, 100


class Keras(torch.optim.Optimizer):
    """An optimizer of Keras on the weights of a PyTorch network."""

    def __init__(self, params, peer, lr):
        super().__init__(params, dict(lr=lr))
        self.peer = peer
        self.weights = [keras.Variable(p.detach().numpy().copy(), dtype="float64") for p in self.param_groups[0]["params"]]
        peer.build(self.weights)

    @torch.no_grad()
    def step(self):
        params = self.param_groups[0]["params"]
        self.peer.learning_rate = self.param_groups[0]["lr"]
        for weight, p in zip(self.weights, params, strict=True):
            weight.assign(p.detach())
        self.peer.apply([p.grad for p in params], self.weights)
        for weight, p in zip(self.weights, params, strict=True):
            p.copy_(weight.value)


class Formula(torch.optim.Optimizer):
    """A step written out: rule(p, g, state, t, lr)."""

    def __init__(self, params, lr, rule):
        super().__init__(params, dict(lr=lr))
        self.rule, self.t = rule, 0

    @torch.no_grad()
    def step(self):
        self.t += 1
        for p in self.param_groups[0]["params"]:
            self.rule(p, p.grad, self.state[p], self.t, self.param_groups[0]["lr"])


def adam(inside=False, corrected=True, b1=0.9, b2=0.999, eps=1e-8):
    def rule(p, g, state, t, lr):
        m = state["m"] = b1 * state.get("m", 0) + (1 - b1) * g
        v = state["v"] = b2 * state.get("v", 0) + (1 - b2) * g**2
        if corrected:
            m, v = m / (1 - b1**t), v / (1 - b2**t)
        p -= lr * m / (torch.sqrt(v + eps) if inside else torch.sqrt(v) + eps)

    return rule


def adagrad_inside(p, g, state, t, lr, eps=1e-3):
    h = state["h"] = state.get("h", 0) + g**2
    p -= lr * g / torch.sqrt(h + eps)


class OriginalNesterov:
    """v' = mu v - lr grad f(w + mu v); w' = w + v', the gradient taken at the weight looked ahead to."""

    def __init__(self, model, lr, mu):
        self.model, self.lr, self.mu = model, lr, mu
        self.behind = copy.deepcopy(model)
        self.velocity = [torch.zeros_like(p) for p in model.parameters()]

    def zero_grad(self):
        self.model.zero_grad()

    @torch.no_grad()
    def step(self):
        for ahead, w, v in zip(self.model.parameters(), self.behind.parameters(), self.velocity, strict=True):
            v.mul_(self.mu).sub_(self.lr * ahead.grad)
            w.add_(v)
            ahead.copy_(w + self.mu * v)


class Slow:
    """Lookahead, algorithm 1 of Zhang et al. 2019, around any optimizer; `model` holds the slow weights."""

    def __init__(self, fast, k, alpha):
        self.fast, self.k, self.alpha, self.t = fast, k, alpha, 0
        self.model = copy.deepcopy(fast)

    @torch.no_grad()
    def after_step(self):
        self.t += 1
        if self.t % self.k == 0:
            for w, s in zip(self.fast.parameters(), self.model.parameters(), strict=True):
                s.add_(self.alpha * (w - s))
                w.copy_(s)


class Averaged:
    """PyTorch's average of weights; `model` holds it. Before the start it is the weights themselves."""

    def __init__(self, raw, start=1, **options):
        self.raw, self.start, self.t = raw, start, 0
        self.average = AveragedModel(raw, **options)

    @property
    def model(self):
        return self.average.module if self.t >= self.start else self.raw

    def after_step(self):
        self.t += 1
        if self.t >= self.start:
            self.average.update_parameters(self.raw)


optim, peers = torch.optim, keras.optimizers
CASES = {}


def case(label, name, options, rate, make, peer="torch", schedule=None, wrapper=None):
    CASES[label] = (name, options, rate, make, peer, schedule, wrapper)


def cosine(optimizer):
    return optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS)


case("sgd", "sgd", {}, 0.1, lambda p, lr: optim.SGD(p, lr=lr))
case("sgd-coupled", "sgd", {"weightDecay": 0.1, "decay": "coupled"}, 0.1, lambda p, lr: optim.SGD(p, lr=lr, weight_decay=0.1))
case("sgd-decoupled", "sgd", {"weightDecay": 0.1}, 0.1, lambda p, lr: optim.SGD(p, lr=lr, weight_decay=0.1))
case("momentum", "momentum", {}, 0.01, lambda p, lr: optim.SGD(p, lr=lr, momentum=0.9))
case("momentum-half", "momentum", {"momentum": 0.5}, 0.1, lambda p, lr: optim.SGD(p, lr=lr, momentum=0.5))
case("momentum-cosine", "momentum", {}, 0.01, lambda p, lr: optim.SGD(p, lr=lr, momentum=0.9), schedule=cosine)
case("momentum-coupled", "momentum", {"weightDecay": 0.1, "decay": "coupled"}, 0.01,
     lambda p, lr: optim.SGD(p, lr=lr, momentum=0.9, weight_decay=0.1))
case("nesterov", "nesterov", {}, 0.01, lambda p, lr: optim.SGD(p, lr=lr, momentum=0.9, nesterov=True))
case("nesterov-keras", "nesterov", {}, 0.01, lambda p, lr: Keras(p, peers.SGD(lr, momentum=0.9, nesterov=True), lr), "keras", cosine)
case("nesterov-original", "nesterov", {"form": "original"}, 0.01, None, "formula")
case("adagrad", "adagrad", {}, 0.1, lambda p, lr: optim.Adagrad(p, lr=lr))
case("adagrad-coupled", "adagrad", {"weightDecay": 0.1, "decay": "coupled"}, 0.1, lambda p, lr: optim.Adagrad(p, lr=lr, weight_decay=0.1))
case("adagrad-inside", "adagrad", {"epsilon": 1e-3, "epsilonInside": True}, 0.1, lambda p, lr: Formula(p, lr, adagrad_inside), "formula")
case("adadelta", "adadelta", {}, 1.0, lambda p, lr: optim.Adadelta(p, lr=lr))
case("adadelta-paper", "adadelta", {"rho": 0.95, "epsilon": 1e-6}, 1.0, lambda p, lr: optim.Adadelta(p, lr=lr, rho=0.95, eps=1e-6))
case("adadelta-keras", "adadelta", {"rho": 0.95, "epsilon": 1e-7, "rate": 0.5}, 0.5, lambda p, lr: Keras(p, peers.Adadelta(lr), lr), "keras")
case("rmsprop", "rmsprop", {}, 0.001, lambda p, lr: optim.RMSprop(p, lr=lr, alpha=0.9))
case("rmsprop-torch", "rmsprop", {"rho": 0.99}, 0.01, lambda p, lr: optim.RMSprop(p, lr=lr))
case("rmsprop-momentum", "rmsprop", {"rho": 0.99, "momentum": 0.9}, 0.001, lambda p, lr: optim.RMSprop(p, lr=lr, momentum=0.9))
case("rmsprop-centered", "rmsprop", {"rho": 0.99, "centered": True, "epsilon": 1e-4}, 0.001,
     lambda p, lr: optim.RMSprop(p, lr=lr, centered=True, eps=1e-4))
case("rmsprop-keras", "rmsprop", {"epsilon": 1e-7, "epsilonInside": True}, 0.001, lambda p, lr: Keras(p, peers.RMSprop(lr), lr), "keras")
case("adam", "adam", {}, 0.01, lambda p, lr: optim.Adam(p, lr=lr))
case("adam-options", "adam", {"beta1": 0.8, "beta2": 0.99, "epsilon": 1e-4}, 0.01, lambda p, lr: optim.Adam(p, lr=lr, betas=(0.8, 0.99), eps=1e-4))
case("adam-coupled", "adam", {"weightDecay": 0.1, "decay": "coupled"}, 0.01, lambda p, lr: optim.Adam(p, lr=lr, weight_decay=0.1))
case("adam-decoupled", "adam", {"weightDecay": 0.1}, 0.01, lambda p, lr: optim.AdamW(p, lr=lr, weight_decay=0.1))
case("adam-uncorrected", "adam", {"biasCorrection": False}, 0.01, lambda p, lr: Formula(p, lr, adam(corrected=False)), "formula")
case("adam-inside", "adam", {"epsilonInside": True}, 0.01, lambda p, lr: Formula(p, lr, adam(inside=True)), "formula")
case("adamw", "adamw", {}, 0.01, lambda p, lr: optim.AdamW(p, lr=lr))
case("nadam", "nadam", {}, 0.01, lambda p, lr: optim.NAdam(p, lr=lr))
case("nadam-decoupled", "nadam", {"weightDecay": 0.1}, 0.01, lambda p, lr: optim.NAdam(p, lr=lr, weight_decay=0.1, decoupled_weight_decay=True))
case("nadam-keras", "nadam", {"momentumDecay": 1, "epsilon": 1e-7}, 0.01, lambda p, lr: Keras(p, peers.Nadam(lr), lr), "keras")
case("adamax", "adamax", {}, 0.01, lambda p, lr: optim.Adamax(p, lr=lr))
case("adamax-coupled", "adamax", {"weightDecay": 0.1, "decay": "coupled"}, 0.01, lambda p, lr: optim.Adamax(p, lr=lr, weight_decay=0.1))
case("lion", "lion", {}, 0.001, lambda p, lr: Keras(p, peers.Lion(lr), lr), "keras")
case("lion-decay", "lion", {"weightDecay": 0.1}, 0.001, lambda p, lr: Keras(p, peers.Lion(lr, weight_decay=0.1), lr), "keras")
case("polyak-running", "polyak", {"of": "adam", "average": "running"}, 0.01, lambda p, lr: optim.Adam(p, lr=lr), wrapper=Averaged)
case("polyak-exponential", "polyak", {"of": {"name": "momentum", "momentum": 0.5}, "decay": 0.99, "warmUp": False}, 0.01,
     lambda p, lr: optim.SGD(p, lr=lr, momentum=0.5), wrapper=lambda m: Averaged(m, multi_avg_fn=get_ema_multi_avg_fn(0.99)))
case("polyak-late", "polyak", {"of": "sgd", "average": "running", "start": 450}, 0.1, lambda p, lr: optim.SGD(p, lr=lr),
     wrapper=lambda m: Averaged(m, start=450))
case("lookahead", "lookahead", {"of": "adam"}, 0.01, lambda p, lr: optim.Adam(p, lr=lr), "formula", wrapper=lambda m: Slow(m, 5, 0.5))
case("lookahead-momentum", "lookahead", {"of": "momentum", "every": 7, "share": 0.8}, 0.01,
     lambda p, lr: optim.SGD(p, lr=lr, momentum=0.9), "formula", wrapper=lambda m: Slow(m, 7, 0.8))


def samples(rate, make, schedule, wrapper):
    model = network()
    if make is None:
        own = OriginalNesterov(model, rate, 0.9)
        return trajectory(own, model, STEPS, EVERY, measured=lambda: own.behind)
    optimizer = make(model.parameters(), rate)
    scheduler = schedule(optimizer) if schedule else None
    around = wrapper(model) if wrapper else None

    def after_step():
        if scheduler:
            scheduler.step()
        if around:
            around.after_step()

    return trajectory(optimizer, model, STEPS, EVERY, after_step, lambda: around.model if around else model)


trajectories = {
    label: {"name": name, "options": options, "rate": rate, "peer": peer, "schedule": "cosine" if schedule else "constant",
            "samples": samples(rate, make, schedule, wrapper)}
    for label, (name, options, rate, make, peer, schedule, wrapper) in CASES.items()
}
golden.write(__file__, ["torch", "keras"], {"steps": STEPS, "every": EVERY, "input": INPUT, "start": flat(network()), "trajectories": trajectories})
