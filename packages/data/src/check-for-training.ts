/** What a training would meet in the data before it computes anything. */
import { failure, type Random } from '@cultivar/sdk';
import { openCanvases, type DecodeFailure } from './canvases.js';
import type { Dataset } from './dataset.js';
import { scanDataset, type ScanOptions } from './scan.js';
import { splitDataset, type DatasetSplit } from './split.js';

export interface CheckOptions extends Omit<ScanOptions, 'classes' | 'decode'> {
  /** As for {@link splitDataset}. */
  validation?: number;
  random: Random;
}

/**
 * Scans and splits the data, and decodes every image, as a training does: what would keep one from beginning is thrown here with the
 * same code. Nothing is kept.
 * @returns the dataset without the images that cannot be decoded, which are set aside in it, and its split
 * @throws CultivarError with a DATA_ code; the signal's reason when aborted
 */
export async function checkForTraining(path: string, { validation, random, ...options }: CheckOptions): Promise<{ dataset: Dataset; split: DatasetSplit }> {
  const dataset = await scanDataset(path, options);
  const split = splitDataset(dataset, { validation, random });
  const failures = await undecodable(dataset, options);
  if (failures.length === 0) return { dataset, split };
  const gone = new Set(failures.map(({ index }) => dataset.samples[index]));
  const stay = <Part extends Dataset['samples']>(samples: Part) => samples.filter((sample) => !gone.has(sample));
  const left = { train: stay(split.train), validation: stay(split.validation), test: stay(split.test) };
  checkTrainable(dataset.classes, left.train);
  const setAside = [...dataset.setAside, ...failures.map(({ index, code, reason }) => ({ path: dataset.samples[index]!.name, code, reason }))];
  return { dataset: { ...dataset, samples: stay(dataset.samples), setAside }, split: left };
}

/** @throws CultivarError DATA_TOO_FEW where a class has no image left to train on */
export function checkTrainable(classes: readonly string[], train: readonly { label: number }[]): void {
  const there = new Set(train.map(({ label }) => label));
  const missing = classes.findIndex((_, label) => !there.has(label));
  if (missing >= 0) throw failure('DATA_TOO_FEW', { label: classes[missing]!, count: 0, least: 1 });
}

async function undecodable({ samples }: Dataset, { maximumPixels, logger, leftOutLogger = logger, progress, signal }: ScanOptions): Promise<DecodeFailure[]> {
  const canvases = openCanvases(samples, { size: 32, resize: 'stretch', mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' }, { maximumPixels, logger: leftOutLogger, progress, signal });
  try {
    const batches = canvases.batches(64);
    while (!(await batches.next()).done) signal?.throwIfAborted();
    return canvases.failures;
  } finally {
    await canvases.dispose();
  }
}
