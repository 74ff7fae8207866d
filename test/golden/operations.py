"""Exact cases of torchvision's v2 functionals and of timm's mixing, the draws of RandomErasing, and the components of AlexNet's lighting."""

import math
from unittest import mock

import numpy as np
import timm.data.mixup
import torch
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms.v2 import functional as F

import golden

torch.manual_seed(1)
COUNT, HEIGHT, WIDTH = 2, 9, 7
images = torch.rand(COUNT, 3, HEIGHT, WIDTH)
images[0, 1] = 0.25  # A channel of one value.
BILINEAR = InterpolationMode.BILINEAR


def rows(batch: torch.Tensor) -> list[float]:
    """[B, 3, H, W] to flat [B, H, W, 3]."""
    return [round(v, 7) for v in batch.permute(0, 2, 3, 1).flatten().tolist()]


rotate = [{"degrees": degrees, "images": rows(F.rotate(images, degrees, BILINEAR))} for degrees in (0, 20, -75, 90, 180, 137)]
affine = []
for degrees, translate, scale, shear, centre in [
    (0, (2, -1), 1.0, (0, 0), None), (0, (0, 0), 1.3, (0, 0), None), (25, (0, 0), 1.0, (0, 0), None), (0, (0, 0), 1.0, (20, 0), None),
    (0, (0, 0), 1.0, (0, -35), None), (0, (0, 0), 1.0, (16.7, 0), [0, 0]), (-40, (1, 2), 0.7, (10, -5), None), (15, (-1, 1), 1.1, (-8, 12), [0, 0]),
]:
    moved = F.affine(images, degrees, list(translate), scale, list(shear), BILINEAR, center=centre)
    affine.append({"degrees": degrees, "translate": translate, "scale": scale, "shear": shear, "corner": centre is not None, "images": rows(moved)})

blur = [{"sigma": sigma, "size": size, "images": rows(F.gaussian_blur(images, [size, size], [sigma, sigma]))} for sigma, size in ((0.1, 3), (0.8, 5), (2.0, 7))]
sharpness = [{"factor": factor, "images": rows(F.adjust_sharpness(images, factor))} for factor in (0.0, 0.4, 1.0, 1.9)]
posterize = [{"bits": bits, "images": rows(F.posterize(images, bits))} for bits in (1, 3, 8)]
solarize = [{"threshold": threshold, "images": rows(F.solarize(images, threshold))} for threshold in (0.0, 0.4, 1.0)]

# Equalize works on bytes: two images with enough pixels, one of them of few values.
bytes_ = torch.stack([torch.randint(0, 256, (3, 26, 22)), torch.randint(90, 97, (3, 26, 22))]).to(torch.uint8)
bytes_[1, 2] = 7
equalize = {"shape": [2, 26, 22, 3], "bytes": bytes_.permute(0, 2, 3, 1).flatten().tolist(), "equalized": F.equalize(bytes_).permute(0, 2, 3, 1).flatten().tolist()}

padded = []
for mode, top, left in [("constant", 0, 0), ("constant", 4, 2), ("reflect", 0, 4), ("reflect", 3, 1), ("edge", 4, 0)]:
    around = F.pad(images, [2, 2, 2, 2], fill=0.5 if mode == "constant" else 0, padding_mode=mode)
    padded.append({"mode": mode, "top": top, "left": left, "images": rows(F.crop(around, top, left, HEIGHT, WIDTH))})

erasing = []
for size, scale, ratio in [((224, 224), (0.02, 0.33), (0.3, 3.3)), ((40, 120), (0.1, 0.5), (0.5, 1.0))]:
    transform = v2.RandomErasing(p=1, scale=scale, ratio=ratio)
    drawn = [transform.make_params([torch.empty(3, *size)]) for _ in range(20000)]
    top, left, height, width = (torch.tensor([d[side] for d in drawn if d["v"] is not None], dtype=torch.float64) for side in ("i", "j", "h", "w"))
    erasing.append({
        "height": size[0], "width": size[1], "scale": scale, "ratio": ratio, "erased": len(top) / len(drawn),
        "means": {"share": (height * width / (size[0] * size[1])).mean().item(), "logRatio": (height / width).log().mean().item(),
                  "top": top.mean().item(), "left": left.mean().item(), "height": height.mean().item(), "width": width.mean().item()},
    })

# The covariance of RGB over all pixels, and what a draw adds (Krizhevsky et al. 2012).
pixels = images.permute(0, 2, 3, 1).reshape(-1, 3).double().numpy()
covariance = np.cov(pixels, rowvar=False, bias=True)
values, vectors = np.linalg.eigh(covariance)
factors = np.array([0.7, -1.1, 0.4])
order = np.argsort(values)[::-1]
pca = {"covariance": covariance.flatten().tolist(), "values": values[order].tolist(), "factors": factors.tolist(),
       "vectors": vectors[:, order].T.flatten().tolist()}

# timm mixes each image with its mirror in the batch; the centre of its box is given here instead of drawn. Sides of the box are even:
# of odd ones timm puts the middle pixel in, torchvision and the authors' code leave it out.
target = torch.tensor([0, 1, 2, 1])
four = torch.rand(4, 3, 12, 16)


def mixed(lam: float, use_cutmix: bool, centre: tuple[int, int]) -> dict:
    mix = timm.data.mixup.Mixup(mixup_alpha=1, cutmix_alpha=1, label_smoothing=0, num_classes=3)
    centres = iter(centre)
    batch = four.clone()
    with mock.patch.object(mix, "_params_per_batch", lambda: (lam, use_cutmix)), mock.patch("numpy.random.randint", lambda *_, **__: next(centres)):
        changed, targets = mix(batch, target)
    return {"lambda": lam, "row": centre[0], "column": centre[1], "images": rows(changed), "targets": targets.flatten().tolist()}


timm_cases = {
    "shape": [4, 12, 16, 3], "images": rows(four), "labels": target.tolist(), "order": [3, 2, 1, 0],
    "mixup": mixed(0.3, False, (0, 0)), "cutmix": [mixed(0.75, True, centre) for centre in ((6, 8), (0, 15), (11, 2))] + [mixed(0.0, True, (6, 8))],
}

# Ten crops, as the canvases of prediction are cut: bytes, [side, side, 3].
canvas = torch.randint(0, 256, (3, 8, 8), dtype=torch.uint8)
ten = {"side": 8, "size": 4, "canvas": canvas.permute(1, 2, 0).flatten().tolist(),
       "crops": torch.stack(F.ten_crop(canvas, [4, 4])).permute(0, 2, 3, 1).flatten().tolist()}

golden.write(__file__, ["torch", "torchvision", "timm", "numpy"], {
    "shape": [COUNT, HEIGHT, WIDTH, 3], "images": rows(images), "rotate": rotate, "affine": affine, "blur": blur, "sharpness": sharpness,
    "posterize": posterize, "solarize": solarize, "autoContrast": rows(F.autocontrast(images)), "equalize": equalize,
    "grayscale": rows(F.rgb_to_grayscale(images, num_output_channels=3)), "padded": padded, "tenCrops": ten, "erasing": erasing, "pca": pca, "timm": timm_cases,
})
