import { failure, type ContributionReference, type EpochRecord, type Logger, type TensorData } from '@cultivar/sdk';
import { join } from 'node:path';
import type { Score } from '../phases/score.js';
import type { SettingName } from './setting-use.js';
import type { RunWarning } from '../warnings.js';
import { readRecordIfWhole, writeRecord } from './record-file.js';
import type { PhaseOutcome, RunState } from './run-state.js';

interface Plain {
  /** Hash of everything that the result depends on. */
  fingerprint: string;
  phase: number;
  history: EpochRecord[];
  outcomes: PhaseOutcome[];
  headFeatures?: string[];
  heldOutLoss?: number;
  augmentations?: ContributionReference[];
  warnings: RunWarning[];
  used: SettingName[];
  trainer?: string;
  training?: { features: string[]; epoch: number; step: number; start?: Score; stopped: boolean; moved: boolean; best: { score: Score; epoch: number } };
}

const file = (folder: string): string => join(folder, 'checkpoint.bin');
/** The one before: what a run falls back to, should the last be damaged. */
const former = (folder: string): string => join(folder, 'checkpoint.former.bin');

/** Arrays of a group under names `group:name`. */
const put = (arrays: Record<string, TensorData>, group: string, members: Readonly<Record<string, TensorData>>): void => {
  for (const [name, value] of Object.entries(members)) arrays[`${group}:${name}`] = value;
};

const take = (arrays: Readonly<Record<string, TensorData>>, group: string): Record<string, TensorData> =>
  Object.fromEntries(Object.entries(arrays).filter(([name]) => name.startsWith(`${group}:`)).map(([name, value]) => [name.slice(group.length + 1), value]));

const flat = (values: Float64Array): TensorData => ({ data: Float32Array.from(values), shape: [values.length] });

/** @throws CultivarError OUTPUT_WRITE; the last checkpoint then still stands */
export async function saveCheckpoint(folder: string, fingerprint: string, state: RunState): Promise<void> {
  const arrays: Record<string, TensorData> = {};
  put(arrays, 'tuned', state.tuned);
  if (state.head) put(arrays, 'head', { kernel: state.head.kernel, bias: state.head.bias, probabilities: state.probabilities! });
  const { training } = state;
  if (training) {
    put(arrays, 'current', training.current.weights);
    put(arrays, 'current-head', { kernel: training.current.kernel, bias: training.current.bias });
    put(arrays, 'scaling', { mean: flat(training.scaling.mean), deviation: flat(training.scaling.deviation) });
    put(arrays, 'slots', training.slots);
    put(arrays, 'best', training.best.weights);
    put(arrays, 'best-head', { kernel: training.best.kernel, bias: training.best.bias, probabilities: training.best.probabilities });
  }
  const plain: Plain = {
    fingerprint, phase: state.phase, history: state.history, outcomes: state.outcomes, warnings: state.warnings, used: state.used, ...(state.augmentations && { augmentations: state.augmentations }), ...(state.trainer !== undefined && { trainer: state.trainer }),
    ...(state.head && { headFeatures: state.head.features, heldOutLoss: state.heldOutLoss }),
    ...(training && {
      training: { features: training.features, epoch: training.epoch, step: training.step, start: training.start, stopped: training.stopped, moved: training.moved, best: { score: training.best.score, epoch: training.best.epoch } },
    }),
  };
  await writeRecord(file(folder), { plain, arrays }, former(folder));
}

/**
 * The last checkpoint, or where that is damaged, which is said, the one before it.
 * @returns undefined where nothing was saved yet, or nothing whole is left: the run begins again, to the same numbers
 * @throws CultivarError RESUME_MISMATCH where it is of another request, other data or other weights
 */
export async function loadCheckpoint(folder: string, fingerprint: string, out: string, logger: Logger): Promise<RunState | undefined> {
  const record = await readRecordIfWhole<Plain>(file(folder), logger, 'The run goes on from the checkpoint before it.')
    ?? await readRecordIfWhole<Plain>(former(folder), logger, 'No checkpoint is left: the run begins again.');
  if (!record) return undefined;
  const { plain, arrays } = record;
  if (plain.fingerprint !== fingerprint) throw failure('RESUME_MISMATCH', { path: out, reason: 'it was begun with other data, options, weights or plugins' });
  const head = take(arrays, 'head');
  const state: RunState = { phase: plain.phase, history: plain.history, outcomes: plain.outcomes, tuned: take(arrays, 'tuned'), warnings: plain.warnings, used: plain.used, ...(plain.augmentations && { augmentations: plain.augmentations }), ...(plain.trainer !== undefined && { trainer: plain.trainer }) };
  if (plain.headFeatures) {
    state.head = { features: plain.headFeatures, kernel: head['kernel']!, bias: head['bias']! };
    state.probabilities = head['probabilities']!;
    state.heldOutLoss = plain.heldOutLoss;
  }
  if (plain.training) {
    const { best, ...rest } = plain.training;
    const bestHead = take(arrays, 'best-head');
    const currentHead = take(arrays, 'current-head');
    const scaling = take(arrays, 'scaling');
    state.training = {
      ...rest,
      scaling: { mean: Float64Array.from(scaling['mean']!.data), deviation: Float64Array.from(scaling['deviation']!.data) },
      current: { weights: take(arrays, 'current'), kernel: currentHead['kernel']!, bias: currentHead['bias']! },
      slots: take(arrays, 'slots'),
      best: { ...best, weights: take(arrays, 'best'), kernel: bestHead['kernel']!, bias: bestHead['bias']!, probabilities: bestHead['probabilities']! },
    };
  }
  return state;
}
