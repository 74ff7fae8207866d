"""Step 1: the fixed views of every image, and what the teacher says of each.

A student that sees exactly what its teacher saw learns from it best (Beyer et al. 2022, "patient and consistent"), so the
views are drawn once: for a tiny-imagenet image the whole of it and random resized crops of it; for an imagenet-samples
image, which is larger, only crops. The teacher sees the same 64 px, enlarged.

Writes to --out: images.npy uint8 [N,64,64,3], teacher.npy float16 [N,1280], labels.npy (-1 where there is none), and the
same three for tiny-imagenet's validation images with the prefix val-.
"""

import argparse
import csv
import io
import math
import tarfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from layers_model import onnx_session

SIZE = 64


def tiny_imagenet(path):
    """[(wnid, image)] in the order of the archive's names."""
    with tarfile.open(path) as archive:
        members = sorted((m for m in archive if m.name.endswith('.webp')), key=lambda m: m.name)
        for member in members:
            image = Image.open(io.BytesIO(archive.extractfile(member).read())).convert('RGB')
            yield Path(member.name).parent.name, image


def crop(image, random, low, high):
    """A random resized crop to SIZE x SIZE."""
    width, height = image.size
    for _ in range(10):
        area = width * height * random.uniform(low, high)
        ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        w, h = math.sqrt(area * ratio), math.sqrt(area / ratio)
        if w <= width and h <= height:
            break
    else:
        w = h = min(width, height)
    x, y = random.uniform(0, width - w), random.uniform(0, height - h)
    return image.resize((SIZE, SIZE), Image.BICUBIC, box=(x, y, x + w, y + h))


def teach(run, images, size, batch=64):
    features, started = [], time.time()
    for start in range(0, len(images), batch):
        x = torch.from_numpy(images[start:start + batch]).permute(0, 3, 1, 2).float() / 127.5 - 1
        x = F.interpolate(x, size=(size, size), mode='bicubic', align_corners=False).clamp(-1, 1)
        features.append(run(x.numpy())[0].astype(np.float16))
        if start // batch % 50 == 0:
            print(f'teacher {start}/{len(images)} {time.time() - started:.0f} s', flush=True)
    return np.concatenate(features)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--tiny-imagenet', required=True, type=Path, help='folder with train.tar, val.tar, labels.tsv')
    parser.add_argument('--samples', type=Path, help='folder with imagenet-samples')
    parser.add_argument('--teacher', required=True, type=Path, help='folder of MobileNetV2 1.0 as a tfjs LayersModel')
    parser.add_argument('--teacher-size', type=int, default=112)
    parser.add_argument('--crops', type=int, default=0, help='crops of each tiny-imagenet image, beside its whole view')
    parser.add_argument('--sample-crops', type=int, default=4)
    parser.add_argument('--out', required=True, type=Path)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--threads', type=int, default=2)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    random = np.random.default_rng(options.seed)
    with open(options.tiny_imagenet / 'labels.tsv') as file:
        classes = sorted(row[0] for row in csv.reader(file, delimiter='\t'))

    whole, crops, labels = [], [[] for _ in range(options.crops)], []
    for wnid, image in tiny_imagenet(options.tiny_imagenet / 'train.tar'):
        labels.append(classes.index(wnid))
        whole.append(np.asarray(image))
        for views in crops:
            views.append(np.asarray(crop(image, random, 0.25, 0.9)))
    images = whole + [view for views in crops for view in views]
    labels = labels * (1 + options.crops)
    if options.samples:
        for path in sorted(options.samples.glob('*.jpg')):
            image = Image.open(path).convert('RGB')
            for _ in range(options.sample_crops):
                images.append(np.asarray(crop(image, random, 0.1, 1)))
                labels.append(-1)
    validation = [(classes.index(w), np.asarray(i)) for w, i in tiny_imagenet(options.tiny_imagenet / 'val.tar')]

    run = onnx_session(options.teacher, ['global_average_pooling2d_1'], options.teacher_size, options.threads)
    for prefix, arrays, targets in (('val-', [i for _, i in validation], [l for l, _ in validation]), ('', images, labels)):
        arrays = np.stack(arrays)
        np.save(options.out / f'{prefix}images.npy', arrays)
        np.save(options.out / f'{prefix}labels.npy', np.array(targets, np.int16))
        np.save(options.out / f'{prefix}teacher.npy', teach(run, arrays, options.teacher_size))
        print(prefix or 'train', arrays.shape, flush=True)


if __name__ == '__main__':
    main()
