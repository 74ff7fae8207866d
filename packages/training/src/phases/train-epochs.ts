import { captureWeights, restoreWeights } from '@cultivar/backbone';
import { figure, failure, type Optimizer, type Random, type Regularizer, type Schedule, type TensorData, type TrainPhase } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { setImmediate as turn } from 'node:timers/promises';
import type { Views } from '../features/views.js';
import { recordEpoch, use, type RunContext } from '../run/run-context.js';
import type { TrainProgress } from '../run/run-state.js';
import { withBranches } from './branch-layers.js';
import { foldStandardisation } from '../solve/standardise.js';
import { GradientStep } from './gradient-step.js';
import { JoinedFeatures } from './joined-features.js';
import { takesJoinedGradients } from './joined-gradients.js';
import { measure } from './measure.js';
import { cyclePosition, keepSnapshot } from './snapshots.js';
import { isFinite } from './ruined.js';
import { stageShares } from './stage-shares.js';
import { TrainedHead } from './trained-head.js';

/** Steps of a phase after which the time it will take is told. */
const stepsToEstimate = 3;

/**
 * The epochs of a train phase that are still to do. After each the state is written down; everything random is drawn from
 * streams named by epoch and step, so that a run that was broken off goes on as if it had not been.
 * @param suffix to the pooled features, [B, F]
 * @param features stages that the head reads, in the order of its rows
 * @throws CultivarError TRAINING_DIVERGED; the best snapshot is in the state
 */
export async function trainEpochs(context: RunContext, phase: TrainPhase, { suffix, features, views }: { suffix: LayersModel; features: string[]; views: Views }): Promise<void> {
  const { state, run, images, engines, backbone, regularizers, logger, signal } = context;
  const training = state.training!;
  const random = run.random.child(`phase/${phase.name}`);
  const stepsPerEpoch = Math.ceil(images.train.length / phase.batchSize);
  const steps = stepsPerEpoch * phase.epochs;
  if (training.stopped || training.epoch >= phase.epochs) return;

  restoreWeights(suffix, training.current.weights);
  const head = new TrainedHead(training.current.kernel, training.current.bias);
  const optimizer = run.create<Optimizer>('optimizer', phase.optimizer ?? { name: 'adam' });
  const schedule = run.create<Schedule>('schedule', phase.schedule ?? { name: 'cosine' });
  const branched = withBranches(suffix, regularizers);
  const { name, program: engineProgram } = await engines.training(branched.model, { batchNorm: phase.batchNorm, joinedGradients: takesJoinedGradients(optimizer, regularizers), ...(phase.batchNorm === 'train' && { batchNormMomentum: shortMomentum(steps) }) })
    .catch((error: unknown) => {
      head.dispose();
      throw error;
    });
  state.trainer = name;
  const program = new JoinedFeatures(engineProgram, training.scaling);
  const stepper = new GradientStep({ program, head, optimizer, regularizers, share: stageShares(backbone.stages, phase.rates), baseRate: phase.learningRate });
  regularizers.forEach((regularizer, index) => {
    if (takesPart(regularizer) || branched.changed.has(regularizer)) use(context, `regularizers.${index}`);
  });
  stepper.slots.restore(training.slots);
  logger.info(`Phase ${phase.name}: engine ${name} trains from stage ${phase.from} on, ${phase.epochs} epoch${phase.epochs === 1 ? '' : 's'} of ${stepsPerEpoch} step${stepsPerEpoch === 1 ? '' : 's'}.`);
  const beforePhase = state.history.filter((record) => record.phase !== phase.name).length;
  try {
    while (training.epoch < phase.epochs && !training.stopped) {
      const started = performance.now();
      const epoch = training.epoch + 1;
      const order = epochOrder(images.train, views.trained, epoch, random);
      const task = context.progress.start(`${phase.name}, epoch ${epoch} of ${phase.epochs}`, order.indices.length, 'images');
      let [sum, rate] = [0, 0];
      try {
        for (let at = 0; at < order.indices.length; at += phase.batchSize) {
          // Computing may leave the event loop no turn of its own; without one, nothing would hear of Ctrl-C.
          await turn();
          signal.throwIfAborted();
          const indices = order.indices.slice(at, at + phase.batchSize);
          const batch = await views.read(indices, order.views.slice(at, at + phase.batchSize));
          program.join(batch.joined);
          training.step += 1;
          branched.draw(random.child('step').child(training.step));
          const { step } = training;
          rate = phase.learningRate * schedule.at(cyclePosition(step, steps, phase.snapshots), { step, epoch, history: state.history.slice(beforePhase) });
          const loss = await stepper.take(batch, step, rate, random.child('step').child(step));
          if (!Number.isFinite(loss)) throw failure('TRAINING_DIVERGED', { phase: phase.name, step });
          sum += loss * indices.length;
          context.emit({ type: 'step', phase: phase.name, step, steps, loss, learningRate: rate });
          task.advance(indices.length, `loss ${figure(loss, 3)}`);
          if (step === stepsToEstimate && steps > stepsToEstimate) logger.info(`${phase.name} will take about ${minutes(((performance.now() - started) / step) * (steps - step))}.`);
        }
      } finally {
        task.finish();
      }
      const raw = { weights: captureWeights(suffix), ...await head.capture() };
      const snapshot = await stepper.asEvaluated(training.step, async () => {
        const { kernel, bias } = await head.capture();
        const own = foldStandardisation(kernel.data, bias.data, training.scaling);
        return { weights: captureWeights(suffix), ...own, ...await measure(context, suffix, views, { features, ...own }), epoch };
      });
      const { score } = snapshot;
      // The loss of a step is that before it: what the last one did shows here alone.
      if (!isFinite(snapshot)) throw failure('TRAINING_DIVERGED', { phase: phase.name, step: training.step });
      if (stepper.looksAtRate) use(context, 'learningRate');
      training.epoch = epoch;
      training.moved ||= !sameNumbers(training.best, snapshot);
      await keepSnapshot(context, phase, features, snapshot);
      training.current = raw;
      training.slots = await stepper.slots.capture();
      if (phase.keep === 'last' || score.calibratedLoss < training.best.score.calibratedLoss) training.best = snapshot;
      await recordEpoch(context, {
        phase: phase.name, epoch, loss: sum / order.indices.length, validationLoss: score.loss, validationAccuracy: score.accuracy,
        learningRate: rate, seconds: (performance.now() - started) / 1000,
      });
      for (const regularizer of regularizers) {
        const answer = regularizer.epochEnd?.(state.history.slice(beforePhase));
        if (!answer?.stop) continue;
        training.stopped = true;
        logger.info(`Phase ${phase.name} ends after epoch ${epoch}${answer.reason ? `: ${answer.reason}` : ''}.`);
      }
      await context.save();
    }
  } finally {
    stepper.dispose();
    await program.dispose();
    head.dispose();
  }
}

/** In the steps themselves, whatever the network; branches of residual blocks are not everywhere. */
const takesPart = (regularizer: Regularizer): boolean =>
  Boolean(regularizer.penalty ?? regularizer.targets ?? regularizer.gradients ?? regularizer.project ?? regularizer.noise ?? regularizer.epochEnd) || (regularizer.headLayers?.().length ?? 0) > 0;

type HeadAndWeights = TrainProgress['current'];

function sameNumbers(before: HeadAndWeights, after: HeadAndWeights): boolean {
  const same = (one: TensorData, other: TensorData | undefined): boolean => one.data.every((value, index) => Object.is(value, other?.data[index]));
  return same(before.kernel, after.kernel) && same(before.bias, after.bias) && Object.entries(before.weights).every(([name, value]) => same(value, after.weights[name]));
}

/**
 * Momentum of the moving statistics, shortened to the phase: they are to be those of its last tenth of steps. With that of
 * the file (0.999 in MobileNetV2) a phase of a few hundred steps ends with statistics of weights that are long gone.
 */
function shortMomentum(steps: number): number {
  return Math.min(0.99, Math.max(0.9, 1 - 10 / steps));
}

/** All training images in a new order, each with its next view; each image begins at a view of its own. */
function epochOrder(train: readonly number[], views: readonly number[], epoch: number, random: Random): { indices: number[]; views: number[] } {
  const first = random.child('first view');
  const offsets = new Map(train.map((index) => [index, first.integer(views.length)]));
  const indices = random.child('epoch').child(epoch).permutation(train.length).map((position) => train[position]!);
  return { indices, views: indices.map((index) => views[(offsets.get(index)! + epoch) % views.length]!) };
}

function minutes(milliseconds: number): string {
  return milliseconds < 90_000 ? `${Math.ceil(milliseconds / 1000)} s` : `${Math.ceil(milliseconds / 60_000)} minutes`;
}
