"""Layers of PyTorch, forward and backward: norms, fractional max pooling, the averaged head; penalties, max-norm, elastic net."""

import torch
from torch import nn

import golden

torch.manual_seed(2)
COUNT, CHANNELS, HEIGHT, WIDTH = 3, 4, 6, 5
x = torch.randn(COUNT, CHANNELS, HEIGHT, WIDTH, dtype=torch.float64)
upstream = torch.randn(COUNT, CHANNELS, HEIGHT, WIDTH, dtype=torch.float64)


def rows(tensor: torch.Tensor) -> list[float]:
    """[B, C, H, W] to flat [B, H, W, C]; [C, H, W] to flat [H, W, C]; [C] as it is."""
    order = {4: (0, 2, 3, 1), 3: (1, 2, 0)}.get(tensor.dim())
    return [float(f"{v:.9g}") for v in (tensor.permute(*order) if order else tensor).detach().flatten().tolist()]


def norm(layer: nn.Module) -> dict:
    layer = layer.double()
    if layer.weight is not None:
        with torch.no_grad():
            layer.weight.copy_(torch.linspace(0.5, 1.5, layer.weight.numel()).reshape(layer.weight.shape))
            layer.bias.copy_(torch.linspace(-1, 1, layer.bias.numel()).reshape(layer.bias.shape))
    inputs = x.clone().requires_grad_()
    output = layer(inputs)
    output.backward(upstream)
    record = {"gamma": rows(layer.weight), "beta": rows(layer.bias), "output": rows(output), "inputGradient": rows(inputs.grad),
              "gammaGradient": rows(layer.weight.grad), "betaGradient": rows(layer.bias.grad)}
    if isinstance(layer, nn.BatchNorm2d):
        record |= {"movingMean": rows(layer.running_mean), "movingVariance": rows(layer.running_var), "inference": rows(layer.eval()(x))}
    return record


norms = {
    "batch-norm": norm(nn.BatchNorm2d(CHANNELS, momentum=0.1)), "layer-norm": norm(nn.LayerNorm([CHANNELS, HEIGHT, WIDTH])),
    "group-norm": norm(nn.GroupNorm(2, CHANNELS)), "instance-norm": norm(nn.InstanceNorm2d(CHANNELS, affine=True)),
}

pools = []
for size, output, sample in [(2, (4, 3), (0.3, 0.8)), (2, (5, 4), (0.0, 0.99)), (3, (3, 2), (0.5, 0.25))]:
    inputs = x.clone().requires_grad_()
    # PyTorch's order is width, height.
    samples = torch.tensor([sample[1], sample[0]], dtype=torch.float64).expand(COUNT, CHANNELS, 2)
    pooled = nn.functional.fractional_max_pool2d(inputs, size, output_size=output, _random_samples=samples)
    pooled.backward(upstream[:, :, : output[0], : output[1]])
    pools.append({"size": size, "output": output, "sample": sample, "values": rows(pooled), "inputGradient": rows(inputs.grad)})

convolution = nn.Conv2d(CHANNELS, 3, 1).double()
inputs = x.clone().requires_grad_()
classes = convolution(inputs).mean((2, 3)).softmax(1)
head_upstream = torch.randn(COUNT, 3, dtype=torch.float64)
classes.backward(head_upstream)
head = {"kernel": convolution.weight.reshape(3, CHANNELS).T.flatten().tolist(), "bias": convolution.bias.tolist(), "output": classes.flatten().tolist(),
        "upstream": head_upstream.flatten().tolist(), "inputGradient": rows(inputs.grad),
        "kernelGradient": convolution.weight.grad.reshape(3, CHANNELS).T.flatten().tolist(), "biasGradient": convolution.bias.grad.tolist()}

# Penalties by PyTorch's gradients; max-norm by torch.renorm, kernels as [inputs, units].
weight = torch.linspace(-1, 2, 8, dtype=torch.float64)[:7].clone().requires_grad_()
penalties = {}
for name, penalty in {"l1": 0.03 * weight.abs().sum(), "elastic": 0.03 * (0.3 * weight.abs().sum() + 0.7 / 2 * (weight**2).sum())}.items():
    (gradient,) = torch.autograd.grad(penalty, weight)
    penalties[name] = {"value": penalty.item(), "gradient": gradient.tolist()}
dense = torch.randn(5, 4, dtype=torch.float64)
filters = torch.randn(3, 3, 2, 4, dtype=torch.float64)
renorm = {
    "limit": 1.5, "dense": dense.flatten().tolist(), "denseRenormed": torch.renorm(dense.T, 2, 0, 1.5).T.flatten().tolist(),
    "filters": filters.flatten().tolist(), "filtersRenormed": torch.renorm(filters.permute(3, 0, 1, 2), 2, 0, 1.5).permute(1, 2, 3, 0).flatten().tolist(),
    "depthwiseRenormed": torch.renorm(filters.permute(2, 3, 0, 1).reshape(8, 9), 2, 0, 1.5).reshape(2, 4, 3, 3).permute(2, 3, 0, 1).flatten().tolist(),
}

golden.write(__file__, ["torch"], {
    "shape": [COUNT, HEIGHT, WIDTH, CHANNELS], "x": rows(x), "upstream": rows(upstream), "norms": norms, "pools": pools, "head": head,
    "weight": weight.tolist(), "penalties": penalties, "renorm": renorm,
})
