/** Which images to train on and which to measure with. */
import { failure, type Random } from '@cultivar/sdk';
import type { Dataset, Sample } from './dataset.js';

export interface SplitOptions {
  /** Share of each class that is kept for validation where the dataset gives no validation images, 0..1. Default 0.2. */
  validation?: number;
  /** Draws the validation images; each class has a child stream of its own name. */
  random: Random;
}

export interface DatasetSplit {
  train: Sample[];
  validation: Sample[];
  test: Sample[];
}

/**
 * A split that the dataset gives is kept. Where it gives no validation images, they are drawn from those to train on,
 * class by class: the share asked for, rounded, at least one, and at least one stays to train on. A share of 0
 * draws none. The draw depends on the seed and on the names within each class alone. Samples stay in their order.
 * @throws CultivarError DATA_TOO_FEW naming the class; DATA_ONE_CLASS
 */
export function splitDataset(dataset: Dataset, { validation = 0.2, random }: SplitOptions): DatasetSplit {
  if (!(validation >= 0 && validation < 1)) throw new RangeError(`validation share ${validation} is not in 0..1`);
  const { classes, samples, root } = dataset;
  if (classes.length < 2) throw failure('DATA_ONE_CLASS', { path: root, label: classes[0] ?? 'none' });
  const given = samples.some(({ split }) => split === 'val');
  const draws = !given && validation > 0;
  const least = draws ? 2 : 1;
  const drawn = new Set<Sample>();
  for (const [label, name] of classes.entries()) {
    const ofClass = samples.filter((sample) => sample.label === label && (sample.split ?? 'train') === 'train');
    if (ofClass.length < least) throw failure('DATA_TOO_FEW', { label: name, count: ofClass.length, least });
    if (!draws) continue;
    const count = Math.min(ofClass.length - 1, Math.max(1, Math.round(ofClass.length * validation)));
    const order = random.child(name).permutation(ofClass.length);
    for (const index of order.slice(0, count)) drawn.add(ofClass[index]!);
  }
  return {
    train: samples.filter((sample) => (sample.split ?? 'train') === 'train' && !drawn.has(sample)),
    validation: samples.filter((sample) => sample.split === 'val' || drawn.has(sample)),
    test: samples.filter(({ split }) => split === 'test'),
  };
}
