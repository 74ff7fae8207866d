"""Step 4: what frozen features are worth. A linear classifier (standardised, C by five-fold cross-validation) on the pooled
features of a network, for datasets that have a split.csv (path,label,split), and on tiny-imagenet (train -> val).

The network is any tfjs LayersModel folder that layers_model.py reads, nano's or a MobileNet's.
"""

import argparse
import csv
import json
import time
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from layers_model import LayersModel
from views import tiny_imagenet


def features(network, output, images, batch=50):
    """images: uint8 [N,H,W,3]"""
    parts = []
    for start in range(0, len(images), batch):
        x = torch.from_numpy(images[start:start + batch]).permute(0, 3, 1, 2).float() / 127.5 - 1
        parts.append(network(x.contiguous(memory_format=torch.channels_last))[output].numpy())
    return np.concatenate(parts)


def resized(image, size):
    return np.asarray(image.convert('RGB').resize((size, size), Image.BICUBIC))


def probe(train, labels, val, val_labels, many=False):
    started = time.time()
    if many:  # 200 classes: one C, close to what cross-validation picks on a part
        classifier = LogisticRegression(C=1e-3, max_iter=200)
    else:
        classifier = LogisticRegressionCV(Cs=np.logspace(-4, 0, 5), cv=5, max_iter=500, tol=1e-3, scoring='accuracy')
    classifier = make_pipeline(StandardScaler(), classifier).fit(train, labels)
    return classifier.score(val, val_labels), time.time() - started


def read_split(folder, size):
    """images and labels of a dataset with a split.csv"""
    parts = {'train': ([], []), 'val': ([], [])}
    with open(folder / 'split.csv') as file:
        for row in csv.DictReader(file):
            images, labels = parts[row['split']]
            images.append(resized(Image.open(folder / row['path']), size))
            labels.append(row['label'])
    return {name: (np.stack(images), labels) for name, (images, labels) in parts.items()}


def main():
    warnings.filterwarnings('ignore', category=FutureWarning)
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--model', required=True, type=Path, help='folder of a tfjs LayersModel')
    parser.add_argument('--output', default='features', help='name of the pooled layer')
    parser.add_argument('--sizes', required=True, type=int, nargs='+')
    parser.add_argument('--split', type=Path, nargs='*', default=[], help='dataset folders with a split.csv')
    parser.add_argument('--tiny-imagenet', type=Path)
    parser.add_argument('--threads', type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    network = LayersModel(options.model, [options.output])
    for size in options.sizes:
        for folder in options.split:
            parts = read_split(folder, size)
            computed = {name: features(network, options.output, images) for name, (images, _) in parts.items()}
            accuracy, seconds = probe(computed['train'], parts['train'][1], computed['val'], parts['val'][1])
            print(json.dumps({'dataset': folder.name, 'size': size, 'accuracy': round(accuracy, 4),
                              'train': len(parts['train'][1]), 'val': len(parts['val'][1]),
                              'seconds': round(seconds, 1)}), flush=True)
        if options.tiny_imagenet:
            computed, labels = {}, {}
            for name in ('train', 'val'):
                labels[name], images = zip(*((w, resized(i, size)) for w, i in
                                             tiny_imagenet(options.tiny_imagenet / f'{name}.tar')))
                computed[name] = features(network, options.output, np.stack(images))
            accuracy, seconds = probe(computed['train'], labels['train'], computed['val'], labels['val'], many=True)
            print(json.dumps({'dataset': 'tiny-imagenet', 'size': size, 'accuracy': round(accuracy, 4),
                              'seconds': round(seconds, 1)}), flush=True)


if __name__ == '__main__':
    main()
