import { failure, isCultivarError, type CultivarError, type Logger, type Progress } from '@cultivar/sdk';
import type { TrainingServices } from '@cultivar/training';
import type { Path } from './arguments.js';
import { attended, type Around, type Attendance } from './attended.js';
import type { PluginEntry } from './define-config.js';

/** What surrounds a study. */
export interface Surroundings {
  /** Beyond the built-in ones. */
  plugins?: readonly PluginEntry[];
  /** Configuration file, whose settings hold where none is given here; `true`: the one in the working folder, if any. Default `false`: none. */
  config?: Path | boolean;
  /** Silent when absent. */
  logger?: Logger;
  /** Silent when absent. */
  progress?: Progress;
  /** Never aborts when absent. */
  signal?: AbortSignal;
}

export function servicesOf({ logger, progress, signal, emit }: Attendance): TrainingServices {
  return { logger, progress, signal, emit };
}

/**
 * Does the work of a study; see {@link attended}.
 * @throws CultivarError STUDY_ABORTED where the signal has aborted before it began, or while something else failed for it
 */
export async function attendedStudy<Result>(given: Around, work: (attendance: Attendance) => Promise<Result>): Promise<Result> {
  return stoppable(given, (cause) => failure('STUDY_ABORTED', {}, cause), work);
}

/** @param stopped the error of a call that was stopped */
export function stoppable<Result>(given: Around, stopped: (cause?: unknown) => CultivarError, work: (attendance: Attendance) => Promise<Result>): Promise<Result> {
  return attended(given, async (attendance) => {
    if (given.signal?.aborted) throw stopped();
    try {
      return await work(attendance);
    } catch (error) {
      if (given.signal?.aborted && !isCultivarError(error)) throw stopped(error);
      throw error;
    }
  });
}
