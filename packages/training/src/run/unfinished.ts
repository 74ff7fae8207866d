import { percent, isCultivarError } from '@cultivar/sdk';
import { restoreWeights } from '@cultivar/backbone';
import { join } from 'node:path';
import { writeBundle } from '../bundle/write-bundle.js';
import { evaluate } from '../evaluation/evaluation.js';
import { manifestOf, type Made } from '../made.js';
import type { RunContext } from './run-context.js';

/**
 * A run that was stopped, or whose loss ran away, leaves the best model it had as a bundle in `<out>/.run/best`; the
 * checkpoint beside it is what `--resume` goes on from. Does nothing where there is no model yet, or for other errors.
 */
export async function saveUnfinished(context: RunContext, made: Made, error: unknown): Promise<void> {
  const { state, images, backbone, signal, logger, folder } = context;
  const worth = signal.aborted || (isCultivarError(error) && error.code === 'TRAINING_DIVERGED');
  const best = state.training?.best;
  if (!worth || (!best && !state.head)) return;
  const { indices, split } = images.measured;
  const labels = images.labelsOf(indices);
  try {
    if (best) restoreWeights(backbone.model, best.weights);
    const head = best ? { features: state.training!.features, kernel: best.kernel, bias: best.bias } : state.head!;
    const metrics = evaluate(best?.probabilities ?? state.probabilities!, labels, images.classes, split);
    const path = join(folder, 'best');
    await writeBundle(path, backbone, head, manifestOf({ ...context, state: { ...state, head } }, made, metrics));
    logger.info(`The best model so far (accuracy ${percent(metrics.accuracy)}) is in ${path}.`);
  } catch (fault) {
    logger.warn(`The best model so far could not be written: ${fault instanceof Error ? fault.message : String(fault)}`);
  }
}
