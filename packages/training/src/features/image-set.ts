import { checkTrainable, foldsOf, geometriesOf, openCanvases, splitDataset, type Canvases, type Dataset, type DatasetSplit, type DecodeFailure, type Sample, type SetAside } from '@cultivar/data';
import { failure, type Logger, type Preprocessing, type Random } from '@cultivar/sdk';
import { stratifiedFolds } from '../solve/folds.js';

interface ImageSetOptions {
  preprocessing: Preprocessing;
  validation: number;
  random: Random;
  logger: Logger;
  signal: AbortSignal;
  cacheFolder: string;
  /** Weight of each training image, in their order before any is withdrawn; absent: all alike. */
  importance?: readonly number[];
  /** Validate with one of so many folds (its number from 0) of all images but the test images, and train on the others: the folds of the data where they bring as many, or else stratified ones. */
  fold?: { index: number; of: number };
  /** Train on so many of each class at most. */
  perClass?: number;
  /** Pixels of an image at most. */
  maximumPixels?: number;
}

/** All images of a run in one row, by number, in the order of the dataset, whatever they are used for. */
export class ImageSet {
  readonly samples: readonly Sample[];
  readonly labels: Int32Array;
  readonly classes: readonly string[];
  /** By geometry: as the network's preprocessing has it, and the second one that it offers, if any. */
  readonly canvases: readonly Canvases[];
  train: number[];
  validation: number[];
  test: number[];
  readonly setAside: SetAside[];

  /** Whether the validation images were drawn, and not given by the data or as a fold. */
  readonly drawnValidation: boolean;

  /** Those that could not be decoded. */
  readonly withdrawn: DecodeFailure[] = [];
  /** By number. */
  private readonly importance?: ReadonlyMap<number, number>;

  /** @throws CultivarError DATA_TOO_FEW, DATA_ONE_CLASS, IMPORTANCE_LENGTH */
  constructor(readonly dataset: Dataset, { preprocessing, validation, random, importance, fold, perClass, ...canvasOptions }: ImageSetOptions) {
    const split = fold ? foldOf(dataset, fold, random) : splitDataset(dataset, { validation, random });
    if (perClass !== undefined) split.train = fewer(split.train, perClass, random.child('fewer'));
    if (importance && importance.length !== split.train.length) throw failure('IMPORTANCE_LENGTH', { given: importance.length, images: split.train.length });
    this.drawnValidation = !fold && split.validation.some((sample) => sample.split !== 'val');
    this.samples = dataset.samples;
    this.labels = Int32Array.from(this.samples, ({ label }) => label);
    this.classes = dataset.classes;
    this.setAside = [...dataset.setAside];
    const number = new Map(this.samples.map((sample, index) => [sample, index]));
    const numbers = (samples: readonly Sample[]) => samples.map((sample) => number.get(sample)!);
    this.train = numbers(split.train);
    this.validation = numbers(split.validation);
    this.test = numbers(split.test);
    this.importance = importance && new Map(this.train.map((index, position) => [index, importance[position]!]));
    this.canvases = geometriesOf(preprocessing).map((geometry) => openCanvases(this.samples, geometry, canvasOptions));
  }

  /** Images of every split that are still in use. */
  get all(): number[] {
    return [...this.train, ...this.validation, ...this.test];
  }

  /** Images that can be decoded, as far as is known; those that this run leaves out too. */
  get usable(): number[] {
    const gone = new Set(this.withdrawn.map(({ index }) => index));
    return [...this.samples.keys()].filter((index) => !gone.has(index));
  }

  /** Those that the model is measured with while it is made: the test images where there are no others. */
  get measured(): { indices: number[]; split: 'validation' | 'test' | 'train' } {
    if (this.validation.length > 0) return { indices: this.validation, split: 'validation' };
    if (this.test.length > 0) return { indices: this.test, split: 'test' };
    return { indices: this.train, split: 'train' };
  }

  /**
   * Takes images out that could not be decoded, and lists them.
   * @throws CultivarError DATA_TOO_FEW where a class has none left to train on
   */
  withdraw(failures: readonly DecodeFailure[]): void {
    if (failures.length === 0) return;
    const gone = new Set(failures.map(({ index }) => index));
    this.withdrawn.push(...failures);
    for (const { index, code, reason } of failures) this.setAside.push({ path: this.samples[index]!.name, code, reason });
    const staying = (index: number) => !gone.has(index);
    this.train = this.train.filter(staying);
    this.validation = this.validation.filter(staying);
    this.test = this.test.filter(staying);
    checkTrainable(this.classes, this.train.map((index) => this.samples[index]!));
  }

  async dispose(): Promise<void> {
    await Promise.all(this.canvases.map((canvases) => canvases.dispose()));
  }

  /** Training images by class. */
  perClass(): number[] {
    const counts = this.classes.map(() => 0);
    for (const index of this.train) counts[this.labels[index]!]! += 1;
    return counts;
  }

  /** Weights of training images; undefined: all alike. */
  importanceOf(indices: readonly number[]): Float64Array | undefined {
    const { importance } = this;
    return importance && Float64Array.from(indices, (index) => importance.get(index)!);
  }

  labelsOf(indices: readonly number[]): Int32Array {
    return Int32Array.from(indices, (index) => this.labels[index]!);
  }
}

function foldOf(dataset: Dataset, { index, of }: { index: number; of: number }, random: Random): DatasetSplit {
  const { classes, samples } = dataset;
  const given = foldsOf(dataset);
  if (given.length === of) {
    const held = (sample: Sample) => sample.split !== 'test' && sample.fold === given[index];
    const split = { train: samples.filter((sample) => sample.split !== 'test' && !held(sample)), validation: samples.filter(held), test: samples.filter((sample) => sample.split === 'test') };
    checkTrainable(classes, split.train);
    return split;
  }
  const own = samples.filter(({ split }) => split !== 'test');
  const labels = Int32Array.from(own, ({ label }) => label);
  classes.forEach((name, label) => {
    const count = labels.filter((one) => one === label).length;
    if (count < of) throw failure('DATA_TOO_FEW', { label: name, count, least: of });
  });
  const folds = stratifiedFolds(labels, classes.length, of, random);
  return {
    train: own.filter((_, position) => folds[position] !== index),
    validation: own.filter((_, position) => folds[position] === index),
    test: samples.filter(({ split }) => split === 'test'),
  };
}

/** So many of each class at most; they stay in their order. More of them are the fewer and others. */
function fewer(samples: readonly Sample[], perClass: number, random: Random): Sample[] {
  const labels = new Set(samples.map(({ label }) => label));
  const kept = new Set<Sample>();
  for (const label of labels) {
    const own = samples.filter((sample) => sample.label === label);
    for (const position of random.child(label).permutation(own.length).slice(0, perClass)) kept.add(own[position]!);
  }
  return samples.filter((sample) => kept.has(sample));
}
