"""Step 5: statistics.json, what the pooled features of nano look like on the images it was trained to see.

Mean and standard deviation of every feature, over tiny-imagenet's validation images; `knnDistance`: mean and deviation, over
the same images, of the distance to the nearest other image, after standardising, divided by the square root of the number of
features. A new dataset whose standardised features lie far from zero, or far from 1 in deviation, is unlike these images.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from layers_model import LayersModel
from measure import features, resized
from views import tiny_imagenet


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--model', required=True, type=Path)
    parser.add_argument('--size', required=True, type=int)
    parser.add_argument('--tiny-imagenet', required=True, type=Path)
    parser.add_argument('--out', required=True, type=Path)
    parser.add_argument('--threads', type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    images = np.stack([resized(image, options.size) for _, image in tiny_imagenet(options.tiny_imagenet / 'val.tar')])
    values = features(LayersModel(options.model, ['features']), 'features', images)
    mean, deviation = values.mean(0), values.std(0)
    standard = torch.from_numpy((values - mean) / np.maximum(deviation, 1e-6))
    distances = torch.cdist(standard, standard).fill_diagonal_(torch.inf).min(1).values / np.sqrt(values.shape[1])
    rounded = lambda array: [float(f'{value:.5g}') for value in array]
    options.out.write_text(json.dumps({
        'source': f'tiny-imagenet validation images at {options.size} px',
        'count': len(values), 'mean': rounded(mean), 'std': rounded(deviation),
        'knnDistance': {'mean': round(distances.mean().item(), 4), 'std': round(distances.std().item(), 4)},
    }) + '\n')
    print(f'{len(values)} images; nearest other image at {distances.mean():.3f}')


if __name__ == '__main__':
    main()
