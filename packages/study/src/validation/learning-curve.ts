import type { Kernel } from '@cultivar/kernel';
import { failure } from '@cultivar/sdk';
import { makeFolder } from '@cultivar/sdk/internal';
import { MeasuredImages, readManifest, train, type TrainingRequest, type TrainingServices } from '@cultivar/training';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stoppedAsOne } from '../stopped.js';
import { inStudyFolder } from '../study-folder.js';

export interface LearningCurvePoint {
  /** Training images of each class, at most. */
  perClass: number;
  /** Training images in all. */
  images: number;
  /** On the same validation images at every point. */
  accuracy: number;
  low: number;
  high: number;
  loss: number;
  /** Mean training loss at the end; the gap to `loss` is what more images can close. */
  trainLoss: number;
}

/**
 * How good a training is with ever more images: each point is a run on so many of each class (more of them are the fewer and others),
 * measured on the same validation images. A gap between training and validation loss speaks of variance, which images cure; two
 * losses that have met, and are high, speak of bias, which they do not.
 * Source: Cortes et al. 1994, "Learning curves: asymptotic values and rate of convergence"; Ng, "Machine learning yearning", chapters 28-32.
 * @param sizes images of each class, ascending; each >= 1. A size at which no class has more images than at the one before is left out
 * @throws CultivarError OUTPUT_BUSY, OUTPUT_EXISTS, RESUME_NOTHING, RUN_ABORTED; and what `train` throws
 */
export function learningCurve(kernel: Kernel, request: TrainingRequest, sizes: readonly number[], services: TrainingServices): Promise<LearningCurvePoint[]> {
  const out = resolve(request.out);
  return stoppedAsOne(services.signal, out, () => inStudyFolder(out, { resume: request.resume, signal: services.signal }, () => measureSizes(kernel, request, sizes, services, out)));
}

async function measureSizes(kernel: Kernel, request: TrainingRequest, sizes: readonly number[], services: TrainingServices, out: string): Promise<LearningCurvePoint[]> {
  const featureFolder = join(out, '.features');
  await makeFolder(featureFolder);
  const points: LearningCurvePoint[] = [];
  const contents = new Set<string>();
  for (const perClass of await growing(kernel, request, sizes, services)) {
    services.signal.throwIfAborted();
    const folder = join(out, `${perClass}-per-class`);
    services.logger.info(`${perClass} images of each class.`);
    const resume = existsSync(join(folder, '.run')) || existsSync(join(folder, 'cultivar.json'));
    const { metrics, assessment, history } = await train(kernel, { ...request, perClass, featureFolder, featureScope: 'split', out: folder, resume }, services);
    points.push({
      perClass, images: assessment.trainImages, accuracy: metrics.accuracy, low: metrics.intervals?.accuracy.low ?? metrics.accuracy, high: metrics.intervals?.accuracy.high ?? metrics.accuracy,
      loss: metrics.loss, trainLoss: history.at(-1)!.loss,
    });
    contents.add((await readManifest(folder)).data.contentHash);
    if (contents.size > 1) throw failure('RESUME_MISMATCH', { path: out, reason: 'the images have changed since it was begun' });
  }
  await rm(featureFolder, { recursive: true, force: true });
  return points;
}

/** Those of the sizes at which there are more images than at the one before. */
async function growing(kernel: Kernel, request: TrainingRequest, sizes: readonly number[], services: TrainingServices): Promise<number[]> {
  const { labels, train: images } = (await MeasuredImages.open(kernel, request, services)).split();
  const counts = new Map<number, number>();
  for (const index of images) counts.set(labels[index]!, (counts.get(labels[index]!) ?? 0) + 1);
  const largest = Math.max(...counts.values());
  const kept = sizes.filter((_, index) => index === 0 || sizes[index - 1]! < largest);
  const left = sizes.filter((size) => !kept.includes(size));
  if (left.length > 0) services.logger.info(`No class has more than ${largest} images to train on: ${left.join(', ')} of each class would be the same again.`);
  return kept;
}
