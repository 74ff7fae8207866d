import { createRandom } from '@cultivar/kernel';
import * as tf from '@tensorflow/tfjs-core';
import { figure, percent, significant, type FeatureSelection, type ProgressTask, type SolvePhase, type TensorData } from '@cultivar/sdk';
import { featuresRead, headProbabilities, withoutUnread, type Head } from '../head.js';
import { solvedOnce, type Solution } from '../run/kept-solution.js';
import { recordEpoch, use, type RunContext } from '../run/run-context.js';
import { solveHead, type CandidateScore } from '../solve/solve-head.js';
import { scoreOf, type Score } from './score.js';

/** Solves the head on stored features of frozen stages, and takes it. */
export async function runSolvePhase(context: RunContext, phase: SolvePhase): Promise<void> {
  const started = performance.now();
  const { head, loss, heldOutLoss } = await solveOn(context, phase.candidates, phase.name, phase.select);
  const { score, probabilities } = await scoreHead(context, head);
  context.state.head = head;
  context.state.heldOutLoss = heldOutLoss;
  context.state.probabilities = probabilities;
  context.state.outcomes.push({ phase: phase.name, kept: true, note: `solved on ${head.features.join(' + ')}` });
  await recordEpoch(context, {
    phase: phase.name, epoch: 1, loss, validationLoss: score.loss, validationAccuracy: score.accuracy, learningRate: 0, seconds: (performance.now() - started) / 1000,
  });
}

/**
 * On the backend that the run began with: an engine may have made another the active one, sooner or later than it would in a run that is
 * resumed, and their sums differ in the last digits.
 * @param name of the phase; names the random stream
 */
export async function solveOn(context: RunContext, candidates: readonly string[][], name: string, select?: FeatureSelection): Promise<Solution> {
  use(context, 'solver');
  await context.features.compute([...new Set([...candidates.flat(), ...(select?.stages ?? [])])], context.images.train);
  return solvedOnce(context, { name, candidates, select }, () => onBackend(context, () => solve(context, candidates, name, select)));
}

async function onBackend<T>(context: RunContext, work: () => Promise<T>): Promise<T> {
  const active = tf.getBackend();
  if (active === context.backend) return work();
  await tf.setBackend(context.backend);
  try {
    return await work();
  } finally {
    await tf.setBackend(active);
  }
}

async function solve(context: RunContext, candidates: readonly string[][], name: string, select?: FeatureSelection): Promise<Solution> {
  const { features, images, engines, request: { seed, start = seed }, solver, signal, logger, progress } = context;
  const sets = candidates.length + (select?.fractions.length ?? 0);
  const candidateOf = (set: readonly string[]) => ({ features: [...set], table: () => features.joined(set, images.train) });
  const task = progress.start('Solving the classifier', sets, sets === 1 ? 'set of features' : 'sets of features');
  let steps: ProgressTask | undefined;
  try {
    const solved = await solveHead(
      candidates.map(candidateOf),
      {
        labels: images.labelsOf(images.train), importance: images.importanceOf(images.train), classes: images.classes.length, solver, signal, engines,
        ...(select && { select: { ...select, from: candidateOf(select.stages) } }),
        random: createRandom(start).child(`phase/${name}`).child('folds'),
        scored: (score) => {
          task.advance();
          logger.info(describe(score));
        },
        solving: () => (steps ??= progress.start('Solving it on all images', undefined, 'steps')).advance(),
      },
    );
    // Products are in single precision: near the optimum the loss may stop falling before the gradient meets the tolerance. Nothing to be done about.
    if (!solved.converged) logger.debug(`The solver stopped after ${solved.iterations} iterations, short of its tolerance.`);
    if (solved.kept) logger.info(`Taken: ${solved.kept.count} of ${solved.kept.of} features: ${whereFrom(solved.head, context)}.`);
    else if (sets > 1) logger.info(`Taken: ${solved.head.features.join(' + ')}.`);
    const heldOutLoss = solved.choice.scores.find(({ C }) => C === solved.choice.C)?.loss;
    return { head: solved.kept ? withoutUnread(solved.head, widthOf(context)) : solved.head, loss: solved.loss, heldOutLoss };
  } finally {
    task.finish();
    steps?.finish();
  }
}

/** On the images that the model is measured with. */
export async function scoreHead({ features, images }: RunContext, head: Head): Promise<{ score: Score; probabilities: TensorData }> {
  const { indices } = images.measured;
  await features.compute(head.features, indices);
  const probabilities = headProbabilities(head, features.joined(head.features, indices));
  return { score: scoreOf(probabilities, images.labelsOf(indices)), probabilities };
}

const widthOf = ({ backbone }: RunContext) => (stage: string): number => backbone.stages.find(({ name }) => name === stage)!.outputShape.at(-1)!;

/** How many features of each stage are read. */
function whereFrom(head: Head, context: RunContext): string {
  let from = 0;
  return head.features.map((stage) => {
    const [first, width] = [from, widthOf(context)(stage)];
    from += width;
    return `${featuresRead(head, first, width)} of ${width} of ${stage}`;
  }).join(', ');
}

function describe({ features, kept, loss, accuracy: right, choice, among }: CandidateScore): string {
  const set = kept ? `${kept.count} of ${kept.of} features` : features.join(' + ');
  if (loss === undefined || right === undefined) return `${set}: too few images in a class to hold any out; penalty 1/C with C = ${significant(choice.C)}.`;
  const way = `${choice.folds > 1 ? `${choice.folds}-fold cross-validation` : 'images held out'}${among ? ` among ${among.classes} of the ${among.of} classes, which stand for all` : ''}`;
  return `${set}: log-loss ${figure(loss)}, accuracy ${percent(right)} by ${way}, C = ${significant(choice.C)}.`;
}
