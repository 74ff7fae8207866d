import { captureWeights, pooledSuffixModel, restoreWeights } from '@cultivar/backbone';
import { figure, percent, type TrainPhase } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { compare, isBetter } from '../evaluation/paired-comparison.js';
import type { SharedViews } from '../features/kept-views.js';
import { Views } from '../features/views.js';
import { reordered, type Head } from '../head.js';
import { use, warn, type RunContext } from '../run/run-context.js';
import type { Snapshot, TrainProgress } from '../run/run-state.js';
import { foldStandardisation, paretoScaling, standardisation, unfoldStandardisation, type Standardisation } from '../solve/standardise.js';
import type { RunWarning } from '../warnings.js';
import { augmentationsOf, chooseAugmentations } from './augmentations.js';
import { calibrated } from './calibrated.js';
import { freshHead } from './fresh-head.js';
import { drawFreshWeights } from './fresh-weights.js';
import { measure } from './measure.js';
import { readStages } from './read-stages.js';
import { ruined } from './ruined.js';
import { scoreOf } from './score.js';
import { solveOn } from './solve-phase.js';
import { trainEpochs } from './train-epochs.js';

/**
 * Trains the stages from one on, and the head, on kept views. Begins at the solved head with all the stages it reads: those
 * before the cut are constants of each view. The snapshot of the epoch with the lowest calibrated log-loss is what the phase
 * came to; where that is not worth having ({@link isWorthKeeping}) the phase is undone. With `keep: 'last'` the last epoch is.
 * @throws CultivarError TRAINING_DIVERGED, ENGINE_NONE, OUTPUT_WRITE
 */
export async function runTrainPhase(context: RunContext, phase: TrainPhase): Promise<void> {
  const { backbone, state, logger } = context;
  if (isNotWorthwhile(context, phase)) return;
  use(context, 'optimizer', 'schedule', 'epochs', 'batchSize', 'keep');
  const { trained, kept } = readStages(stagesRead(context), phase.from, backbone.stages);
  const features = [...trained, ...kept];
  const suffix = pooledSuffixModel(backbone, phase.from, trained);
  const original = captureWeights(suffix);
  const stage = (name: string) => backbone.stages.find((one) => one.name === name)!;
  const from = stage(phase.from);
  const last = backbone.stages[from.index - 1]?.name;
  await context.engines.activateTrainer();
  state.augmentations ??= await chooseAugmentations(context);
  const augmentations = augmentationsOf(context, state.augmentations);
  if (augmentations.length > 0) use(context, 'augmentations', ...(phase.views <= phase.epochs ? ['views' as const] : []));
  const views = await Views.make({
    ...context,
    from,
    geometries: context.features.geometries,
    joined: kept.map(stage),
    // An epoch reads one copy of each image.
    count: Math.min(phase.views, phase.epochs),
    augmentations,
    random: context.run.random.child(`phase/${phase.name}`).child('views'),
    before: (indices) => (last === undefined ? Promise.resolve(undefined) : context.features.inFull(last, kept, indices)),
    shared: sharedViews(context),
  });
  try {
    if (phase.fresh && !state.training) drawFreshWeights(context, suffix);
    state.training ??= await begin(context, phase, { suffix, features, views });
    await trainEpochs(context, phase, { suffix, features, views });
    const { best, start } = state.training;
    const worth = verdict(context, phase);
    const figures = `accuracy ${percent(best.score.accuracy)}, calibrated loss ${figure(best.score.calibratedLoss)} after epoch ${best.epoch}; before the phase ${start ? `${percent(start.accuracy)}, ${figure(start.calibratedLoss)}` : 'there was no model'}${worth.told}`;
    if (!state.training.moved) warn(context, nothingMoved(phase));
    const warning = worth.kept && best.epoch > 0 ? ruined(phase, best, state.probabilities, context.images.labelsOf(context.images.measured.indices)) : undefined;
    if (warning) warn(context, warning);
    if (worth.kept) {
      restoreWeights(suffix, best.weights);
      state.tuned = { ...state.tuned, ...best.weights };
      // The model of a run from here on.
      Object.assign(state, calibrated({ features, kernel: best.kernel, bias: best.bias }, best.probabilities, context.images));
      context.features.forget();
      logger.info(`Phase ${phase.name} is kept (${figures}).`);
    } else {
      restoreWeights(suffix, original);
      logger.info(`Phase ${phase.name} brought nothing better and is undone (best: ${figures}).`);
    }
    state.outcomes.push({ phase: phase.name, kept: worth.kept, note: figures });
    state.training = undefined;
  } finally {
    await views.dispose();
  }
}

/** Of a phase that is left out, since there is next to nothing to gain. It is told. One whose last epoch, or snapshots, are asked for is wanted in any case. */
function isNotWorthwhile({ state, logger }: RunContext, { name, worthwhileFrom, keep, snapshots }: TrainPhase): boolean {
  const { heldOutLoss, training } = state;
  if (training || keep === 'last' || snapshots !== undefined || worthwhileFrom === undefined || heldOutLoss === undefined || heldOutLoss >= worthwhileFrom) return false;
  const note = `left out: the solved classifier has a log-loss of ${figure(heldOutLoss)} in cross-validation; training pays from ${figure(worthwhileFrom)} on`;
  logger.info(`Phase ${name} is ${note}.`);
  state.outcomes.push({ phase: name, kept: false, note });
  return true;
}

/** Stages that this run has trained are like those of no other. */
function sharedViews({ request: { trialFolder }, state, featurePrint, logger }: RunContext): SharedViews | undefined {
  return trialFolder === undefined || Object.keys(state.tuned).length > 0 ? undefined : { folder: trialFolder, print: featurePrint, logger };
}

/** Whether what a phase has come to is taken, and what is to be said of that. */
function verdict(context: RunContext, { keep }: TrainPhase): { kept: boolean; told: string } {
  const { best, start, moved } = context.state.training!;
  if (!moved && start) return { kept: false, told: '; no step changed a weight' };
  return keep === 'last' ? { kept: true, told: '' } : isWorthKeeping(context, best);
}

const nothingMoved = ({ name, learningRate }: TrainPhase): RunWarning => ({
  code: 'NOTHING_MOVED',
  message: `Phase ${name} changed no weight of the model, at a base learning rate of ${learningRate}: its steps were zero, or too few for an optimizer that moves the model only now and then (lookahead, for one). Look at the schedule, the optimizer, the number of steps and the rates of the stages.`,
});

/**
 * What was trained is kept where it is better ({@link isBetter}) on the images it is measured with. The model before is the
 * simpler one: it needs no weights of its own and was chosen without looking at these images. With nothing to gain, a phase is
 * kept by chance once in six times.
 */
function isWorthKeeping({ state, images }: RunContext, best: Snapshot): { kept: boolean; told: string } {
  if (!state.head) return { kept: true, told: best.epoch === 0 ? '; no epoch was better than the classifier it began with' : '' };
  if (best.epoch === 0) return { kept: false, told: '' };
  const comparison = compare(best.probabilities, state.probabilities!, images.labelsOf(images.measured.indices));
  return { kept: isBetter(comparison), told: `; lower by ${figure(comparison.gain)}, standard error ${figure(comparison.standardError)}` };
}

/** Stages that the head reads; the top is always among them, since that is what training moves. */
function stagesRead({ state, backbone }: RunContext): string[] {
  const top = backbone.stages.at(-1)!.name;
  const before = state.head?.features ?? [];
  return before.includes(top) ? before : [top, ...before];
}

/** The state before the first epoch, measured: it is the first snapshot. */
async function begin(context: RunContext, phase: TrainPhase, { suffix, features, views }: { suffix: LayersModel; features: string[]; views: Views }): Promise<TrainProgress> {
  const { state, images } = context;
  const { kernel, bias, scaling } = await firstHead(context, phase, features);
  const { score, probabilities } = await measure(context, suffix, views, { features, kernel, bias });
  const weights = captureWeights(suffix);
  const current = unfoldStandardisation({ kernel, bias }, scaling);
  return {
    features, scaling, epoch: 0, step: 0, stopped: false, moved: false, slots: {},
    current: { weights, ...current },
    // With the rounding of every later snapshot: one that is the same, to the last bit, has not moved.
    best: { weights, ...foldStandardisation(current.kernel.data, current.bias.data, scaling), score, probabilities, epoch: 0 },
    start: state.head && scoreOf(state.probabilities!, images.labelsOf(images.measured.indices)),
  };
}

/**
 * The head there is, its rows in the order of the features; one that reads the top as well, where that does not; or a fresh one.
 * With it the standardisation of its features over the training images.
 */
async function firstHead(context: RunContext, phase: TrainPhase, names: string[]): Promise<Pick<Head, 'kernel' | 'bias'> & { scaling: Standardisation }> {
  const { state, backbone, logger, features, images } = context;
  const width = (name: string) => backbone.stages.find((stage) => stage.name === name)!.outputShape.at(-1)!;
  if (phase.fresh) {
    const all = names.reduce((sum, name) => sum + width(name), 0);
    return { ...await freshHead(context, all), scaling: { mean: new Float64Array(all), deviation: new Float64Array(all).fill(1) } };
  }
  await features.compute(names, images.train);
  const table = features.joined(names, images.train);
  const { mean, deviation } = paretoScaling(standardisation(table));
  // In the precision that it is written down with, so that a run that is resumed goes on with the same numbers.
  const scaling = { mean: Float64Array.from(Float32Array.from(mean)), deviation: Float64Array.from(Float32Array.from(deviation)) };
  if (!state.head) {
    const { kernel, bias } = await freshHead(context, table.shape[1]!);
    return { ...foldStandardisation(kernel.data, bias.data, scaling), scaling };
  }
  if (state.head.features.length === names.length) return { ...reordered(state.head, names, width), scaling };
  logger.info(`The classifier reads ${state.head.features.join(' + ')}; phase ${phase.name} trains one that reads ${names.join(' + ')}, and has to beat it.`);
  return { ...(await solveOn(context, [names], `${phase.name}/head`)).head, scaling };
}
