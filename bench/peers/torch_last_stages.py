"""
PyTorch's usual fine-tuning loop (its tutorial "Transfer Learning for Computer Vision") for the last stages of MobileNetV2 1.0 at 224 px:
two workers decode and augment, each epoch trains and then validates. Channels-last, batches of 32, Adam, batch-norm frozen.

    python torch_last_stages.py DATA EPOCHS
Prints one JSON line.
"""
import json
import sys
import time

import torch
from dataset import samples
from PIL import Image
from rounds import peak_memory
from torch import nn
from torch_networks import WIDTH, freeze_batch_norm, parts
from torchvision import transforms

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
network = "mobilenet-v2 1.0"


class Photos(torch.utils.data.Dataset):
    def __init__(self, rows, *steps):
        self.rows = rows
        self.transform = transforms.Compose([*steps, transforms.ToTensor(), transforms.Normalize(MEAN, STD)])

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        path, label = self.rows[index]
        with Image.open(path) as image:
            return self.transform(image.convert("RGB")), label


def loader(photos, shuffle):
    return torch.utils.data.DataLoader(photos, batch_size=32, shuffle=shuffle, num_workers=2)


rows, names = samples(sys.argv[1])
train = loader(Photos(rows["train"], transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip()), True)
validation = loader(Photos(rows["val"], transforms.Resize(256), transforms.CenterCrop(224)), False)
prefix, suffix = parts(network)
prefix.eval().requires_grad_(False)
freeze_batch_norm(suffix)
head = nn.Linear(WIDTH[network], len(names))
parameters = [one for one in [*suffix.parameters(), *head.parameters()] if one.requires_grad]
optimizer = torch.optim.Adam(parameters, lr=1e-4, weight_decay=1e-4)


def logits(images):
    return head(suffix(prefix(images.contiguous(memory_format=torch.channels_last))).mean((2, 3)))


def epoch():
    for images, labels in train:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(logits(images), labels)
        loss.backward()
        optimizer.step()
        loss.item()
    with torch.no_grad():
        for images, labels in validation:
            (logits(images).argmax(1) == labels).sum().item()


seconds = []
for _ in range(int(sys.argv[2])):
    begin = time.perf_counter()
    epoch()
    seconds.append(time.perf_counter() - begin)
print(json.dumps({
    "engine": f"PyTorch {torch.__version__.split('+')[0]} channels-last", "images": len(rows["train"]), "seconds": seconds, "peakMemoryBytes": peak_memory(),
}))
