"""Writes pixels and PyTorch's features for them, for verify.mjs: from nano.pt with its kernels rounded to float16 as export.py
rounds them. Also prints how far that rounding moved the features."""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from network import Nano


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--weights', required=True, type=Path)
    parser.add_argument('--size', required=True, type=int)
    parser.add_argument('--images', required=True, type=Path, nargs='+')
    parser.add_argument('--out', required=True, type=Path)
    options = parser.parse_args()
    nano = Nano().eval()
    nano.load_state_dict(torch.load(options.weights, weights_only=True))
    size = (options.size, options.size)
    pixels = np.stack([np.asarray(Image.open(path).convert('RGB').resize(size, Image.BICUBIC)) for path in options.images])
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        exact = nano(images)
        for module in nano.modules():
            if isinstance(module, nn.Conv2d):
                module.weight.data = module.weight.data.half().float()
        rounded = nano(images)
    print(f'float16 rounding moved features by at most {(exact - rounded).abs().max():.2e} of {exact.max():.2f}')
    options.out.write_text(json.dumps({
        'shape': [len(images), *size, 3], 'pixels': images.permute(0, 2, 3, 1).flatten().tolist(),
        'features': rounded.flatten().tolist()}))


if __name__ == '__main__':
    main()
