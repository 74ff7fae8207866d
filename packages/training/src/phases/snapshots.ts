import { restoreWeights } from '@cultivar/backbone';
import type { Logger, TensorData, TrainPhase } from '@cultivar/sdk';
import { makeFolder } from '@cultivar/sdk/internal';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeBundle } from '../bundle/write-bundle.js';
import { evaluate } from '../evaluation/evaluation.js';
import { manifestOf, type Made } from '../made.js';
import { readRecord, readRecordIfWhole, writeRecord } from '../run/record-file.js';
import type { RunContext } from '../run/run-context.js';
import type { Snapshot } from '../run/run-state.js';
import { calibrated } from './calibrated.js';

interface Plain {
  features: string[];
}

const file = (folder: string, number: number): string => join(folder, 'snapshots', `${number}.bin`);

/**
 * Where a step stands in its cycle: in the middle of its share of it, so that it is neither at the start, where a warm-up is zero, nor at the
 * end, where most schedules are, and a cycle of one step trains as well. A phase that keeps snapshots goes through its schedule once for each of them.
 * @param step from 1
 * @param steps of the whole phase; a multiple of the snapshots
 * @returns above 0, below 1
 */
export function cyclePosition(step: number, steps: number, snapshots = 1): number {
  const cycle = steps / snapshots;
  return (((step - 1) % cycle) + 0.5) / cycle;
}

/** Writes down the model of an epoch that ends a cycle, whatever it scores. */
export async function keepSnapshot({ folder }: RunContext, { epochs, snapshots }: TrainPhase, features: string[], { weights, kernel, bias, probabilities, epoch }: Snapshot): Promise<void> {
  if (snapshots === undefined || epoch % (epochs / snapshots) !== 0) return;
  const arrays: Record<string, TensorData> = { 'head:kernel': kernel, 'head:bias': bias, 'head:probabilities': probabilities };
  for (const [name, value] of Object.entries(weights)) arrays[`weight:${name}`] = value;
  await makeFolder(join(folder, 'snapshots'));
  await writeRecord<Plain>(file(folder, epoch / (epochs / snapshots)), { plain: { features }, arrays });
}

/** Whether every snapshot that a run has written is as it was written; what is not is said. A damaged one can only be had by training again. */
export async function snapshotsAreWhole(folder: string, logger: Logger): Promise<boolean> {
  for (const name of await readdir(join(folder, 'snapshots')).catch(() => [])) {
    if (name.endsWith('.bin') && !(await readRecordIfWhole(join(folder, 'snapshots', name), logger, 'The run begins again.'))) return false;
  }
  return true;
}

/** Each snapshot that was kept becomes a bundle of its own, calibrated, in `<out>/snapshots`. Changes the backbone's weights. @throws CultivarError OUTPUT_WRITE */
export async function writeSnapshots(context: RunContext, made: Made): Promise<void> {
  const { request, folder, backbone, images, state, emit } = context;
  const { indices, split } = images.measured;
  for (let number = 1; number <= (request.snapshots ?? 0); number += 1) {
    const record = await readRecord<Plain>(file(folder, number));
    if (!record) continue;
    const { arrays, plain: { features } } = record;
    // As training left it, a snapshot is too sure of itself; the models of other ensembles end with a temperature as well.
    const { head, probabilities } = calibrated({ features, kernel: arrays['head:kernel']!, bias: arrays['head:bias']! }, arrays['head:probabilities']!, images);
    restoreWeights(backbone.model, Object.fromEntries(Object.entries(arrays).flatMap(([name, value]) => (name.startsWith('weight:') ? [[name.slice(7), value]] : []))));
    const path = join(request.out, 'snapshots', String(number));
    const metrics = evaluate(probabilities, images.labelsOf(indices), images.classes, split);
    await writeBundle(path, backbone, head, manifestOf({ ...context, state: { ...state, head } }, made, metrics));
    emit({ type: 'snapshot', path, images: indices, labels: images.labelsOf(indices), probabilities });
  }
}
