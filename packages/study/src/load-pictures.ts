import { failure } from '@cultivar/sdk';
import type { InitializerTrial } from './initializers/compare-initializers.js';
import type { OptimizerPath } from './optimizers/paths.js';
import type { TrainingCurve } from './optimizers/training-curves.js';
import type { RateStudy } from './rates/find-rate.js';
import type { StrategyTrial } from './strategies/compare-strategies.js';
import type { FinishedTrial } from './tune/trial.js';
import type { Decomposition } from './validation/bias-variance.js';
import type { LearningCurvePoint } from './validation/learning-curve.js';
import type { Minimum } from './validation/sharpness.js';

/** Standalone SVGs by file name. */
type Drawn = Record<string, string>;

/**
 * What draws: functions that make standalone SVGs of the figures of a study. Written out, so that the types of the chart library, which may
 * not be installed, are not among those of this package.
 */
export interface Pictures {
  drawInitializers(trials: readonly InitializerTrial[]): Drawn;
  drawCurves(curves: readonly TrainingCurve[]): Drawn;
  drawPaths(paths: readonly OptimizerPath[]): Drawn;
  drawRates(study: RateStudy): Drawn;
  drawStrategies(trials: readonly StrategyTrial[]): Drawn;
  drawTrials(trials: readonly FinishedTrial[]): Drawn;
  drawBiasVariance(parts: readonly Decomposition[]): string;
  drawLearningCurve(points: readonly LearningCurvePoint[]): string;
  drawSharpness(minima: readonly Minimum[]): string;
}

/** What pictures are drawn with; no other part of Cultivar needs them. */
const libraries = ['@observablehq/plot', 'linkedom'];

/**
 * Loads what draws. A study that will want pictures asks for them before it starts.
 * @throws CultivarError PICTURES_MISSING, naming the command that installs the libraries
 */
export async function loadPictures(load: () => Promise<Pictures> = () => import('./pictures.js')): Promise<Pictures> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    if (!libraries.some((library) => message.includes(library))) throw error;
    throw failure('PICTURES_MISSING', { libraries: libraries.join(' ') }, error);
  }
}
