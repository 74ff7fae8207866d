"""Exact cases of torchvision's v2 functionals and mixing transforms, and the statistics of its random crop."""

import math

import torch
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

import golden

torch.manual_seed(0)
HEIGHT, WIDTH = 9, 7
images = torch.rand(4, 3, HEIGHT, WIDTH)
# Corners of the colour cube, grey, black and white among them: where hue is not defined, or flips.
images[0, :, 0, 0] = torch.tensor([0.5, 0.5, 0.5])
images[0, :, 0, 1] = torch.tensor([0.0, 0.0, 0.0])
images[0, :, 0, 2] = torch.tensor([1.0, 1.0, 1.0])
images[0, :, 0, 3] = torch.tensor([1.0, 0.0, 0.0])
images[0, :, 0, 4] = torch.tensor([0.0, 1.0, 1.0])
images[0, :, 0, 5] = torch.tensor([0.7, 0.7, 0.2])
images[0, :, 0, 6] = torch.tensor([0.3, 0.8, 0.8])


def rows(batch: torch.Tensor) -> list[float]:
    """[B, 3, H, W] to flat [B, H, W, 3]."""
    return [round(v, 7) for v in batch.permute(0, 2, 3, 1).flatten().tolist()]


def each(change, factors):
    return rows(torch.stack([change(image, factor) for image, factor in zip(images, factors)]))


factors = [0.0, 0.6, 1.0, 1.4]
turns = [-0.5, -0.1, 0.07, 0.45]
jitter = {
    "brightness": {"factors": factors, "images": each(F.adjust_brightness, factors)},
    "contrast": {"factors": factors, "images": each(F.adjust_contrast, factors)},
    "saturation": {"factors": factors, "images": each(F.adjust_saturation, factors)},
    "hue": {"factors": turns, "images": each(F.adjust_hue, turns)},
}

crops = []
for top, left, height, width in [(0, 0, HEIGHT, WIDTH), (1, 1, 6, 5), (2, 1, 5, 4), (3, 2, 1, 1), (1, 3, 7, 3)]:
    cut = F.resized_crop(images, top, left, height, width, [HEIGHT, WIDTH], antialias=True)
    crops.append({"rectangle": {"top": top, "left": left, "height": height, "width": width}, "images": rows(cut)})

draws = []
for size, scale, ratio in [((224, 224), (0.08, 1.0), (3 / 4, 4 / 3)), ((60, 200), (0.5, 0.9), (1.0, 2.0))]:
    transform, canvas = v2.RandomResizedCrop(size, scale, ratio), torch.empty(3, *size)
    drawn = [transform.make_params([canvas]) for _ in range(20000)]
    top, left, height, width = (torch.tensor([d[side] for d in drawn], dtype=torch.float64) for side in ("top", "left", "height", "width"))
    draws.append({
        "height": size[0], "width": size[1], "scale": scale, "ratio": ratio,
        "means": {
            "share": (height * width / (size[0] * size[1])).mean().item(),
            "logRatio": (width / height).log().mean().item(),
            "top": top.mean().item(), "left": left.mean().item(), "height": height.mean().item(), "width": width.mean().item(),
        },
        "deviations": {"share": (height * width / (size[0] * size[1])).std().item(), "logRatio": (width / height).log().std().item()},
    })

# v2.MixUp and v2.CutMix pair each image with the one before it: p = 3, 0, 1, 2.
labels = torch.tensor([0, 1, 2, 1])
order = [3, 0, 1, 2]
mix = v2.MixUp(num_classes=3)
mixup = {"lambda": 0.3, "order": order}
mixed_images = mix.transform(images, {"lam": 0.3, "labels": labels, "batch_size": 4})
mixed_targets = mix.transform(labels, {"lam": 0.3, "labels": labels, "batch_size": 4})
mixup.update(images=rows(mixed_images), targets=mixed_targets.flatten().tolist())

cutmix = []
for lam, row, column in [(0.4, 4, 3), (0.4, 0, 6), (0.9, 8, 0), (0.05, 2, 2)]:
    # As v2.CutMix.make_params: half the side on both sides of the centre, clipped; then its own transform.
    half_h, half_w = int(HEIGHT * math.sqrt(1 - lam) * 0.5), int(WIDTH * math.sqrt(1 - lam) * 0.5)
    box = (max(0, column - half_w), max(0, row - half_h), min(WIDTH, column + half_w), min(HEIGHT, row + half_h))
    adjusted = 1 - (box[2] - box[0]) * (box[3] - box[1]) / (HEIGHT * WIDTH)
    cut = v2.CutMix(num_classes=3)
    params = {"box": box, "lam_adjusted": adjusted, "labels": labels, "batch_size": 4}
    cutmix.append({"lambda": lam, "row": row, "column": column, "order": order, "box": box,
                   "images": rows(cut.transform(images, params)), "targets": cut.transform(labels, params).flatten().tolist()})

golden.write(__file__, ["torch", "torchvision"], {
    "shape": [4, HEIGHT, WIDTH, 3], "images": rows(images), "labels": labels.tolist(), "classes": 3,
    "jitter": jitter, "crops": crops, "draws": draws, "mixup": mixup, "cutmix": cutmix,
    "flip": {"horizontal": rows(F.horizontal_flip(images)), "vertical": rows(F.vertical_flip(images))},
    "erase": {"top": 2, "left": 0, "height": 4, "width": 3, "fill": 0.5, "images": rows(F.erase(images, 2, 0, 4, 3, torch.tensor(0.5)))},
})
