"""
Full training steps of a torchvision network, channels-last, on all cores: forward, cross-entropy of ten classes, backward
through every layer, SGD update. Weights do not change the speed, so they are random.

    python torch_train.py frozen|train SIZE BATCH SECONDS
Prints one JSON line.
"""
import json
import resource
import sys
import time

import torch
import torchvision

mode, size, batch, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
network = torchvision.models.mobilenet_v2(weights=None).features.to(memory_format=torch.channels_last).train()
if mode == "frozen":
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
            module.requires_grad_(False)
head = torch.nn.Linear(1280, 10)
images = torch.rand(batch, 3, size, size).contiguous(memory_format=torch.channels_last)
targets = torch.arange(batch) % 10
parameters = [one for one in [*network.parameters(), *head.parameters()] if one.requires_grad]
optimizer = torch.optim.SGD(parameters, lr=1e-3)


def step():
    optimizer.zero_grad(set_to_none=True)
    loss = torch.nn.functional.cross_entropy(head(network(images).mean((2, 3))), targets)
    loss.backward()
    optimizer.step()
    return loss.item()


step()
rates = []
end = time.time() + seconds
while time.time() < end or len(rates) < 2:
    begin = time.perf_counter()
    step()
    rates.append(batch / (time.perf_counter() - begin))
rates.sort()
print(json.dumps({
    "engine": f"PyTorch {torch.__version__.split('+')[0]} channels-last", "network": "mobilenet-v2 1.0", "size": size, "batch": batch, "work": f"full step, batch-norm {mode}",
    "imagesPerSecond": round(rates[len(rates) // 2], 1), "peakMemoryBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
}))
