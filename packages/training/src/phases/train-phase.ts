import { captureWeights, restoreWeights, suffixModel } from '@cultivar/backbone';
import type { TrainPhase } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Views } from '../features/views.js';
import type { Head } from '../head.js';
import type { RunContext } from '../run/run-context.js';
import type { TrainProgress } from '../run/run-state.js';
import { augmentationsOf } from './augmentations.js';
import { freshHead } from './fresh-head.js';
import { measure } from './measure.js';
import { isBetter, type Score } from './score.js';
import { scoreHead, solveOn } from './solve-phase.js';
import { trainEpochs } from './train-epochs.js';

/** What a phase has to beat where there was no model before it. */
const nothing: Score = { accuracy: 0, loss: Number.MAX_VALUE };

/**
 * Trains the stages from one on, and the head, on kept views. Begins at the solved head; keeps the best snapshot. A phase
 * whose best is no better than what it began with ({@link isBetter}) is undone.
 * @throws CultivarError TRAINING_DIVERGED, ENGINE_NONE, OUTPUT_WRITE
 */
export async function runTrainPhase(context: RunContext, phase: TrainPhase): Promise<void> {
  const { backbone, state, logger } = context;
  const suffix = suffixModel(backbone, phase.from);
  const original = captureWeights(suffix);
  const views = await Views.make({
    ...context,
    from: backbone.stages.find(({ name }) => name === phase.from)!,
    count: phase.views,
    augmentations: augmentationsOf(context, phase),
    random: context.run.random.child(`phase/${phase.name}`).child('views'),
  });
  try {
    state.training ??= await begin(context, phase, suffix, views);
    await trainEpochs(context, phase, suffix, views);
    const { best, start } = state.training;
    const kept = isBetter(best.score, start);
    const figures = `accuracy ${percent(best.score)}, loss ${best.score.loss.toFixed(4)} after epoch ${best.epoch}; before the phase ${percent(start)}, ${start.loss.toFixed(4)}`;
    if (kept) {
      restoreWeights(suffix, best.weights);
      state.tuned = { ...state.tuned, ...best.weights };
      state.head = { features: [topOf(context)], kernel: best.kernel, bias: best.bias };
      state.probabilities = best.probabilities;
      context.features.forget();
      logger.info(`Phase ${phase.name} is kept (${figures}).`);
    } else {
      restoreWeights(suffix, original);
      logger.info(`Phase ${phase.name} brought nothing better and is undone (best: ${figures}).`);
    }
    state.outcomes.push({ phase: phase.name, kept, note: figures });
    state.training = undefined;
  } finally {
    await views.dispose();
  }
}

const percent = ({ accuracy }: Score): string => `${(100 * accuracy).toFixed(1)} %`;
const topOf = ({ backbone }: RunContext): string => backbone.stages.at(-1)!.name;

/** The state before the first epoch, measured: it is the first snapshot. */
async function begin(context: RunContext, phase: TrainPhase, suffix: LayersModel, views: Views): Promise<TrainProgress> {
  const before = context.state.head;
  const top = topOf(context);
  const onTop = before?.features.length === 1 && before.features[0] === top;
  const { kernel, bias } = onTop ? before : await headOnTop(context, phase, before);
  const { score, probabilities } = await measure(context, suffix, views, { kernel, bias });
  const weights = captureWeights(suffix);
  return {
    epoch: 0, step: 0, stopped: false, slots: {},
    current: { weights, kernel, bias },
    best: { weights, kernel, bias, score, probabilities, epoch: 0 },
    start: onTop ? score : before ? (await scoreHead(context, before)).score : nothing,
  };
}

/** Training moves the top features alone, so the head must read them and nothing else. */
async function headOnTop(context: RunContext, phase: TrainPhase, before: Head | undefined): Promise<Pick<Head, 'kernel' | 'bias'>> {
  const top = topOf(context);
  if (!before) return freshHead(context, context.backbone.stages.at(-1)!.outputShape.at(-1)!);
  context.logger.info(`The classifier reads ${before.features.join(' + ')}; phase ${phase.name} trains one that reads ${top} alone, and has to beat it.`);
  return (await solveOn(context, [[top]], `${phase.name}/head`)).head;
}
