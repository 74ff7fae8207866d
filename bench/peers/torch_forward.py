"""
Inference of a torchvision network, channels-last, on all cores. Weights do not change the speed, so they are random.

    python torch_forward.py SIZE BATCH SECONDS
Prints one JSON line.
"""
import json
import resource
import sys
import time

import torch
import torchvision

size, batch = int(sys.argv[1]), int(sys.argv[2])
seconds = float(sys.argv[3])
network = torchvision.models.mobilenet_v2(weights=None).features.eval().to(memory_format=torch.channels_last)
images = torch.rand(batch, 3, size, size).contiguous(memory_format=torch.channels_last)
with torch.inference_mode():
    for _ in range(3):
        network(images).mean((2, 3))
    rates = []
    end = time.time() + seconds
    while time.time() < end:
        begin = time.perf_counter()
        network(images).mean((2, 3))
        rates.append(batch / (time.perf_counter() - begin))
rates.sort()
print(json.dumps({
    "engine": f"PyTorch {torch.__version__.split('+')[0]} channels-last", "network": "mobilenet-v2 1.0", "size": size, "batch": batch, "work": "forward",
    "imagesPerSecond": round(rates[len(rates) // 2], 1), "peakMemoryBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
}))
