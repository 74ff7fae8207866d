import { openCanvases, splitDataset, type Canvases, type Dataset, type Sample, type SetAside } from '@cultivar/data';
import { failure, type Logger, type Preprocessing, type Random } from '@cultivar/sdk';

interface ImageSetOptions {
  preprocessing: Preprocessing;
  validation: number;
  random: Random;
  logger: Logger;
  signal: AbortSignal;
  cacheFolder: string;
  /** Weight of each training image, in their order before any is withdrawn; absent: all alike. */
  importance?: readonly number[];
}

/** All images of a run in one row, by number: those to train on, then those to validate with, then those to test with. */
export class ImageSet {
  readonly samples: readonly Sample[];
  readonly labels: Int32Array;
  readonly classes: readonly string[];
  readonly canvases: Canvases;
  train: number[];
  validation: number[];
  test: number[];
  readonly setAside: SetAside[];

  private readonly importance?: readonly number[];

  /** @throws CultivarError DATA_TOO_FEW, DATA_ONE_CLASS, IMPORTANCE_LENGTH */
  constructor(readonly dataset: Dataset, { preprocessing, validation, random, importance, ...canvasOptions }: ImageSetOptions) {
    const split = splitDataset(dataset, { validation, random });
    if (importance && importance.length !== split.train.length) throw failure('IMPORTANCE_LENGTH', { given: importance.length, images: split.train.length });
    this.importance = importance;
    this.samples = [...split.train, ...split.validation, ...split.test];
    this.labels = Int32Array.from(this.samples, ({ label }) => label);
    this.classes = dataset.classes;
    this.setAside = [...dataset.setAside];
    const numbers = [...this.samples.keys()];
    const end = split.train.length + split.validation.length;
    this.train = numbers.slice(0, split.train.length);
    this.validation = numbers.slice(split.train.length, end);
    this.test = numbers.slice(end);
    this.canvases = openCanvases(this.samples, preprocessing, canvasOptions);
  }

  /** Images of every split that are still in use. */
  get all(): number[] {
    return [...this.train, ...this.validation, ...this.test];
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
  withdraw(failures: readonly { index: number; code: SetAside['code']; reason: string }[]): void {
    if (failures.length === 0) return;
    const gone = new Set(failures.map(({ index }) => index));
    for (const { index, code, reason } of failures) this.setAside.push({ path: this.samples[index]!.name, code, reason });
    const staying = (index: number) => !gone.has(index);
    this.train = this.train.filter(staying);
    this.validation = this.validation.filter(staying);
    this.test = this.test.filter(staying);
    this.perClass().forEach((count, label) => {
      if (count === 0) throw failure('DATA_TOO_FEW', { label: this.classes[label]!, count, least: 1 });
    });
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
    return importance && Float64Array.from(indices, (index) => importance[index]!);
  }

  labelsOf(indices: readonly number[]): Int32Array {
    return Int32Array.from(indices, (index) => this.labels[index]!);
  }
}
