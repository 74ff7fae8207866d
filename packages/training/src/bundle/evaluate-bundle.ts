import { openCanvases, scanDataset } from '@cultivar/data';
import type { Kernel } from '@cultivar/kernel';
import { failure, type ContributionReference } from '@cultivar/sdk';
import { evaluate, type Evaluation } from '../evaluation/evaluation.js';
import type { TrainingServices } from '../request.js';
import { openBundle } from './open-bundle.js';

/**
 * Measures a bundle on labelled images of the same classes; of data with a split of their own, on the test images, or else
 * on the validation images.
 * @throws CultivarError with a BUNDLE_, DATA_ or ENGINE_ code
 */
export async function evaluateBundle(kernel: Kernel, folder: string, data: string, services: TrainingServices, engine?: ContributionReference): Promise<Evaluation> {
  const bundle = await openBundle(kernel, folder, { engine, services });
  try {
    const { labels, preprocessing } = bundle;
    const dataset = await scanDataset(data, { ...services, classes: labels });
    const own = (['test', 'val'] as const).find((split) => dataset.samples.some((sample) => sample.split === split));
    const samples = own ? dataset.samples.filter(({ split }) => split === own) : dataset.samples;
    const canvases = openCanvases(samples, preprocessing, { logger: services.logger, signal: services.signal });
    const task = services.progress.start('Evaluating', samples.length, 'images');
    const rows: { label: number; probabilities: Float32Array }[] = [];
    try {
      for await (const { indices, images } of canvases.batches(32)) {
        services.signal.throwIfAborted();
        const { data: values } = await bundle.probabilities(images);
        indices.forEach((index, row) => rows.push({ label: samples[index]!.label, probabilities: values.slice(row * labels.length, (row + 1) * labels.length) }));
        task.advance(indices.length);
      }
    } finally {
      task.finish();
      await canvases.dispose();
    }
    if (rows.length === 0) throw failure('DATA_EMPTY', { path: dataset.root });
    const probabilities = new Float32Array(rows.length * labels.length);
    rows.forEach((row, index) => probabilities.set(row.probabilities, index * labels.length));
    const split = own === 'val' ? 'validation' : own ?? 'all';
    return evaluate({ data: probabilities, shape: [rows.length, labels.length] }, Int32Array.from(rows, ({ label }) => label), labels, split);
  } catch (error) {
    if (services.signal.aborted) throw failure('EVALUATION_ABORTED', {}, error);
    throw error;
  } finally {
    await bundle.dispose();
  }
}
