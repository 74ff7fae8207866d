import { scanDataset } from '@cultivar/data';
import { failure, isCultivarError, type Exporter, type TensorData } from '@cultivar/sdk';
import { join } from 'node:path';
import { readManifest, type BundleManifest } from './bundle/manifest.js';
import { differences, type RequestRecord } from './bundle/request-record.js';
import { writeBundle } from './bundle/write-bundle.js';
import { evaluate, type Evaluation } from './evaluation/evaluation.js';
import { metricsOf } from './evaluation/metrics.js';
import { headProbabilities, type Head } from './head.js';
import { manifestOf, type Made } from './made.js';
import type { FullRequest, TrainingServices } from './request.js';
import type { TrainingResult } from './result.js';
import { clearState } from './run/output-folder.js';
import type { RunContext } from './run/run-context.js';
import { writeSnapshots } from './phases/snapshots.js';

/** Evaluates, writes the bundle, exports, and clears the run's state away last: as long as that is there, the run can be resumed and does all of this again. */
export async function finish(context: RunContext, made: Made): Promise<TrainingResult> {
  const { request, images, run, emit, callbacks } = context;
  const head = context.state.head!;
  const metrics = await evaluateHead(context, head, images.measured);
  if (images.measured.split !== 'train' && context.features.covers(head.features, images.train)) tellProbabilities(context, head, { indices: images.train, split: 'train' });
  emit({ type: 'evaluation', evaluation: metrics });
  const apart = images.test.length > 0 && images.measured.split !== 'test';
  const test = apart ? await evaluateHead(context, head, { indices: images.test, split: 'test' }) : undefined;
  if (test) emit({ type: 'evaluation', evaluation: test });

  const manifest = await writeBundle(request.out, context.backbone, head, manifestOf(context, made, metrics, test));
  await writeSnapshots(context, made);
  for (const reference of request.exporters) await run.create<Exporter>('exporter', reference).export(request.out, join(request.out, reference.name));
  await clearState(request.out);
  for (const callback of callbacks) await callback.runEnd?.();
  emit({ type: 'bundle', path: request.out });
  return { ...resultOf(request.out, manifest), seconds: made.seconds() };
}

/**
 * Of a run that was finished before, with the same settings. That its images have changed since is said: it is not made again.
 * @throws CultivarError RESUME_MISMATCH, RUN_ABORTED
 */
export async function finishedResult(request: FullRequest, record: RequestRecord, services: TrainingServices): Promise<TrainingResult> {
  const { out, data } = request;
  const manifest = await readManifest(out);
  checkFinished(out, manifest, record);
  services.logger.info(`The run in ${out} was finished before: this is what it came to.`);
  const result = resultOf(out, manifest);
  const change = await changeOfImages(request, manifest, services);
  if (change === undefined) return result;
  const message = `The images in ${data} ${change}, and the run in ${out} is finished: its numbers are those of that time. Train without --resume to have new ones.`;
  services.logger.warn(message);
  return { ...result, warnings: [...result.warnings, { code: 'RUN_CHANGED', message }] };
}

async function changeOfImages({ data, out, reading, maxPixels }: FullRequest, manifest: BundleManifest, { progress, signal }: TrainingServices): Promise<string | undefined> {
  try {
    const { contentHash } = await scanDataset(data, { reading, maximumPixels: maxPixels, progress, signal });
    return contentHash === manifest.data.contentHash ? undefined : 'are not what they were, or are for something else';
  } catch (error) {
    if (signal.aborted) throw failure('RUN_ABORTED', { path: out }, error);
    if (!isCultivarError(error)) throw error;
    return `cannot be compared with what they were (${error.code})`;
  }
}

/** @throws CultivarError RESUME_MISMATCH where a bundle was made with other settings */
export function checkFinished(out: string, { request }: BundleManifest, record: RequestRecord): void {
  const other = request ? differences(request, record) : [];
  if (other.length > 0) throw failure('RESUME_MISMATCH', { path: out, reason: `it is finished, and was made with another ${other.join(', ')}` });
}

/** What a bundle says of the run that made it. */
export function resultOf(bundle: string, manifest: BundleManifest): TrainingResult {
  const { strategy, seconds, metrics, test, assessment, plan, history, setAside, duplicates, versions, seed, warnings = [] } = manifest;
  return { strategy, bundle, seconds, metrics, ...(test && { test }), assessment, plan, history, setAside, duplicates, versions, seed, warnings };
}

function tellProbabilities({ features, images, emit }: RunContext, head: Head, { indices, split }: { indices: number[]; split: Evaluation['split'] }): TensorData {
  const probabilities = headProbabilities(head, features.joined(head.features, indices));
  emit({ type: 'probabilities', split, images: indices, labels: images.labelsOf(indices), probabilities });
  return probabilities;
}

/** On images whose features are computed where they are not there. */
async function evaluateHead(context: RunContext, head: Head, { indices, split }: { indices: number[]; split: Evaluation['split'] }): Promise<Evaluation> {
  const { features, images, run, catalogue, request } = context;
  await features.compute(head.features, indices, { label: 'Evaluating' });
  const probabilities = tellProbabilities(context, head, { indices, split });
  return evaluate(probabilities, images.labelsOf(indices), images.classes, split, metricsOf(run, catalogue, request.metrics));
}
