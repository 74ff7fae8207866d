/** Which images to train on and which to measure with. */
import { failure, type Random } from '@cultivar/sdk';
import { differenceOf, listed, nearlyIdentical } from './class-names.js';
import type { Dataset, Sample } from './dataset.js';
import { byNumber } from './roles.js';

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
 * A split that the dataset gives is kept. Where it gives folds and no validation images, the last fold is kept for validation.
 * Where it gives neither, they are drawn from those to train on, class by class: the share asked for, rounded, at least one,
 * and at least one stays to train on. A share of 0 draws none. The draw depends on the seed and on the names within each
 * class alone. Samples stay in their order.
 * @throws CultivarError DATA_TOO_FEW or DATA_CLASS_UNTRAINED naming the class, DATA_HELD_OUT where no class has any; DATA_ONE_CLASS
 */
export function splitDataset(dataset: Dataset, { validation = 0.2, random }: SplitOptions): DatasetSplit {
  if (!(validation >= 0 && validation < 1)) throw new RangeError(`validation share ${validation} is not in 0..1`);
  const { classes, samples, root } = dataset;
  if (classes.length < 2) throw failure('DATA_ONE_CLASS', { path: root, label: classes[0] ?? 'none', tables: '' });
  const lastFold = foldsOf(dataset).at(-1);
  const given = samples.some(({ split }) => split === 'val');
  const draws = !given && validation > 0 && lastFold === undefined;
  const least = draws ? 2 : 1;
  const drawn = new Set<Sample>(given ? [] : samples.filter(({ split, fold }) => fold !== undefined && fold === lastFold && (split ?? 'train') === 'train'));
  const toTrainOn = (sample: Sample) => (sample.split ?? 'train') === 'train' && !drawn.has(sample);
  checkTrained(dataset, toTrainOn);
  for (const [label, name] of classes.entries()) {
    const ofClass = samples.filter((sample) => sample.label === label && toTrainOn(sample));
    if (ofClass.length < least) throw failure('DATA_TOO_FEW', { label: name, count: ofClass.length, least });
    if (!draws) continue;
    const count = Math.min(ofClass.length - 1, Math.max(1, Math.round(ofClass.length * validation)));
    const order = random.child(name).permutation(ofClass.length);
    for (const index of order.slice(0, count)) drawn.add(ofClass[index]!);
  }
  return {
    train: samples.filter(toTrainOn),
    validation: samples.filter((sample) => sample.split === 'val' || drawn.has(sample)),
    test: samples.filter(({ split }) => split === 'test'),
  };
}

/** @returns names of the folds of cross-validation that the dataset gives, in their order; none where it gives fewer than two */
export function foldsOf({ samples }: { samples: readonly Pick<Sample, 'fold' | 'split'>[] }): string[] {
  const folds = [...new Set(samples.flatMap(({ fold, split }) => (fold === undefined || split === 'test' ? [] : [fold])))].sort(byNumber);
  return folds.length < 2 ? [] : folds;
}

/** @throws CultivarError DATA_HELD_OUT, DATA_CLASS_UNTRAINED where a class has images, but none to train on */
function checkTrained({ classes, samples, root }: Dataset, toTrainOn: (sample: Sample) => boolean): void {
  const trained = new Set(samples.filter(toTrainOn).map(({ label }) => label));
  if (trained.size === 0) throw failure('DATA_HELD_OUT', { path: root, splits: splitsOf(samples) });
  for (const [label, name] of classes.entries()) {
    const own = samples.filter((sample) => sample.label === label);
    if (own.length === 0 || trained.has(label)) continue;
    const twin = nearlyIdentical(name, classes.filter((_, other) => trained.has(other)));
    throw failure('DATA_CLASS_UNTRAINED', {
      label: name, count: own.length, splits: splitsOf(own), example: own[0]!.name,
      near: twin === undefined ? '' : `; the class ${twin} to train on differs ${differenceOf(name, twin)}`,
    });
  }
}

const splitsOf = (samples: readonly Sample[]): string => listed([...new Set(samples.map(({ split, fold }) => split ?? (fold === undefined ? 'train' : `fold ${fold}`)))]);
