"""The networks in PyTorch, in two parts: what is frozen when the last stages train, and these stages."""
import torch
from torch import nn
from torchvision.models import mobilenet_v2

CUT = {"mobilenet-v1 0.25": 12, "mobilenet-v2 1.0": 14}
WIDTH = {"mobilenet-v1 0.25": 256, "mobilenet-v2 1.0": 1280}


def _rectified(inputs, outputs, kernel, stride, groups=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs), nn.ReLU6(inplace=True)
    )


def mobilenet_v1():
    """MobileNet, width 0.25 (Howard et al. 2017); torchvision has none."""
    layers, inputs = [_rectified(3, 8, 3, 2)], 8
    for outputs, stride in [(16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), *[(128, 1)] * 5, (256, 2), (256, 1)]:
        layers.append(nn.Sequential(_rectified(inputs, inputs, 3, stride, inputs), _rectified(inputs, outputs, 1, 1)))
        inputs = outputs
    return nn.Sequential(*layers)


def _settle(network):
    """
    Gives batch-norm layers the statistics of what they see. As they are made, inference with random weights would shrink its signal layer
    by layer to denormal numbers, which a CPU computes at a fraction of its speed.
    """
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    momentum = norms[0].momentum
    for norm in norms:
        norm.momentum = 1
    with torch.no_grad():
        network.train()(torch.randn(16, 3, 96, 96))
    for norm in norms:
        norm.momentum = momentum


def parts(name):
    """-> frozen part, last stages: everything from the last drop of the resolution on. Weights are random: they do not change the speed."""
    layers = mobilenet_v1() if name == "mobilenet-v1 0.25" else mobilenet_v2(weights=None).features
    _settle(layers)
    return [part.to(memory_format=torch.channels_last) for part in (layers[: CUT[name]], layers[CUT[name] :])]


def freeze_batch_norm(network):
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
            module.requires_grad_(False)
