import { averageCrops, cropCount, cutCrops, meanOfLogits, openCanvases, scanDataset, type Crops, type ReadingOptions, type Sample } from '@cultivar/data';
import type { Kernel } from '@cultivar/kernel';
import { failure, type ContributionReference } from '@cultivar/sdk';
import { evaluate, type Evaluation } from '../evaluation/evaluation.js';
import { metricsOf } from '../evaluation/metrics.js';
import type { TrainingServices } from '../request.js';
import { checkKeeping, keepTestTime } from './manifest.js';
import type { MonteCarlo } from './monte-carlo.js';
import { openBundle, type OpenBundle } from './open-bundle.js';

export interface EvaluateOptions {
  engine?: ContributionReference;
  /** Absent: as the bundle says, or else 1. */
  crops?: Crops;
  /** Absent: as the bundle says, or else none. */
  monteCarlo?: MonteCarlo;
  /** Writes into the bundle that it predicts so from now on, and how good it was. */
  keep?: boolean;
  /** Pixels of an image at most; larger ones are set aside. Default 200 million. */
  maxPixels?: number;
  /** How the data are to be understood where folders or columns leave it open. */
  reading?: ReadingOptions;
}

/**
 * Measures a bundle on labelled images of the same classes; of data with a split of their own, on the test images, or else
 * on the validation images.
 * @throws CultivarError with a BUNDLE_, DATA_ or ENGINE_ code; OUTPUT_WRITE
 */
export async function evaluateBundle(kernel: Kernel, folder: string, data: string, services: TrainingServices, { engine, crops, monteCarlo, keep, maxPixels, reading }: EvaluateOptions = {}): Promise<Evaluation> {
  const bundle = await openBundle(kernel, folder, { engine, services, crops, monteCarlo });
  const run = kernel.openRun({ seed: 0, outputFolder: folder, ...services });
  try {
    if (keep) await checkKeeping(folder);
    const { labels } = bundle;
    const dataset = await scanDataset(data, { ...services, reading, classes: labels, maximumPixels: maxPixels });
    const own = (['test', 'val'] as const).find((split) => dataset.samples.some((sample) => sample.split === split));
    const samples = own ? dataset.samples.filter(({ split }) => split === own) : dataset.samples;
    const rows = [...(await averaged(bundle, samples, services, maxPixels)).entries()].map(([index, probabilities]) => ({ label: samples[index]!.label, probabilities }));
    if (rows.length === 0) throw failure('DATA_UNUSABLE', { path: dataset.root, count: samples.length, name: samples[0]?.name ?? 'none', reason: 'it cannot be decoded' });
    const probabilities = new Float32Array(rows.length * labels.length);
    rows.forEach((row, index) => probabilities.set(row.probabilities, index * labels.length));
    const split = own === 'val' ? 'validation' : own ?? 'all';
    const evaluation = evaluate({ data: probabilities, shape: [rows.length, labels.length] }, Int32Array.from(rows, ({ label }) => label), labels, split, metricsOf(run, kernel.catalogue));
    if (keep) await keepTestTime(folder, { crops: 1, ...bundle.manifest.testTime, ...(crops && { crops }), ...(monteCarlo && { monteCarlo }), metrics: evaluation });
    return evaluation;
  } catch (error) {
    if (services.signal.aborted) throw failure('EVALUATION_ABORTED', {}, error);
    throw error;
  } finally {
    await run.dispose();
    await bundle.dispose();
  }
}

/** Probabilities of each image that can be decoded, by its place among the samples: the mean over its crops; of two geometries that of their logits. */
async function averaged(bundle: OpenBundle, samples: readonly Sample[], { logger, signal, progress }: TrainingServices, maximumPixels?: number): Promise<Map<number, Float32Array>> {
  const { labels, preprocessing: { size }, views } = bundle;
  const geometries = [...new Set(views.map(({ geometry }) => geometry))];
  const means = geometries.map(() => new Map<number, Float32Array>());
  const task = progress.start('Evaluating', samples.length * views.length, 'images');
  try {
    for (const view of views) {
      const canvases = openCanvases(samples, view.canvas, { maximumPixels, logger, signal });
      const share = view.places.length / cropCount(views.filter(({ geometry }) => geometry === view.geometry));
      const own = means[view.geometry]!;
      try {
        for await (const { indices, images } of canvases.batches(Math.max(1, Math.floor(32 / view.places.length)))) {
          signal.throwIfAborted();
          const { data } = averageCrops(await bundle.probabilities(cutCrops(images, view, size)), view.places.length);
          indices.forEach((index, row) => {
            const sum = own.get(index) ?? new Float32Array(labels.length);
            own.set(index, sum.map((value, k) => value + share * data[row * labels.length + k]!));
          });
          task.advance(indices.length);
        }
      } finally {
        await canvases.dispose();
      }
    }
    const shape = [1, labels.length];
    return new Map([...means[0]!.keys()].flatMap((index) => {
      const rows = means.flatMap((own) => own.get(index) ?? []);
      return rows.length < means.length ? [] : [[index, meanOfLogits(rows.map((data) => ({ data, shape }))).data] as const];
    }));
  } finally {
    task.finish();
  }
}
