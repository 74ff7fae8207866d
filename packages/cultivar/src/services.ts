import { silentLogger, silentProgress } from '@cultivar/kernel';
import type { Logger, Progress } from '@cultivar/sdk';
import type { TrainingServices } from '@cultivar/training';
import type { PluginEntry } from './define-config.js';

/** What surrounds a study. */
export interface Surroundings {
  /** Beyond the built-in ones. */
  plugins?: readonly PluginEntry[];
  /** Configuration file; absent: the one in the working folder, if any; `false`: none. */
  config?: string | false;
  /** Silent when absent. */
  logger?: Logger;
  /** Silent when absent. */
  progress?: Progress;
  /** Never aborts when absent. */
  signal?: AbortSignal;
  /** The settings were given as options of the command line; how they are named where one has no effect. */
  asOptions?: boolean;
}

export function servicesOf({ logger = silentLogger, progress = silentProgress, signal = new AbortController().signal }: Pick<Surroundings, 'logger' | 'progress' | 'signal'>): TrainingServices {
  return { logger, progress, signal };
}
