import type { PreparedBackbone } from '@cultivar/backbone';
import type { Kernel, Run } from '@cultivar/kernel';
import type { Callback, EpochRecord, Kind, Logger, Progress, Regularizer, Solver } from '@cultivar/sdk';
import type { TrainingEvent } from '../events.js';
import type { ImageSet } from '../features/image-set.js';
import type { PooledFeatures } from '../features/pooled-features.js';
import type { FullRequest } from '../request.js';
import { addWarning, type RunWarning } from '../warnings.js';
import type { Engines } from './engines.js';
import type { SettingName } from './setting-use.js';
import type { RunState } from './run-state.js';

/** What the phases of a run share. */
export interface RunContext {
  run: Run;
  catalogue: Kernel['catalogue'];
  request: FullRequest;
  backbone: PreparedBackbone;
  engines: Engines;
  images: ImageSet;
  features: PooledFeatures;
  /** Hash of what the features of the frozen backbone depend on. */
  featurePrint: string;
  /** Of tfjs, as the run began. */
  backend: string;
  solver: Solver;
  regularizers: readonly Regularizer[];
  callbacks: readonly Callback[];
  logger: Logger;
  progress: Progress;
  signal: AbortSignal;
  /** Folder of the run's state. */
  folder: string;
  state: RunState;
  /** What the request stated, of the settings that may have no effect. */
  asked: readonly SettingName[];
  /** Whether a contribution is loaded. */
  has(kind: Kind, name: string): boolean;
  emit(event: TrainingEvent): void;
  /** Writes the state down. */
  save(): Promise<void>;
}

/** Notes that settings have had an effect. */
export function use({ state }: Pick<RunContext, 'state'>, ...settings: readonly SettingName[]): void {
  for (const setting of settings) if (!state.used.includes(setting)) state.used.push(setting);
}

/** Says it, and has it stand in the result and the bundle. */
export function warn({ state, logger, emit }: Pick<RunContext, 'state' | 'logger' | 'emit'>, warning: RunWarning): void {
  if (!addWarning(state.warnings, warning)) return;
  logger.warn(warning.message);
  emit({ type: 'warning', warning });
}

/** Adds an epoch to the history and tells everyone. */
export async function recordEpoch(context: RunContext, record: EpochRecord): Promise<void> {
  context.state.history.push(record);
  context.emit({ type: 'epoch', record });
  for (const callback of context.callbacks) await callback.epochEnd?.(context.state.history);
}
