import type { FeatureSelection, Objective, Random, Solver, TensorData } from '@cultivar/sdk';
import type { Head } from '../head.js';
import { classSample } from './class-sample.js';
import type { Inference } from './engine-multiplier.js';
import { MultinomialLoss } from './multinomial-loss.js';
import { RowProducts } from './row-products.js';
import { selectFeatures, takeColumns } from './select-features.js';
import { foldStandardisation, paretoScaling, standardisation, standardise } from './standardise.js';
import { chooseStrength, takeRows, type StrengthChoice } from './strength.js';

/** A set of stages. */
export interface Candidate {
  features: string[];
  /** @returns its pooled outputs joined, [N, F] */
  table: () => TensorData;
}

export interface SolvedHead {
  head: Head;
  /** Mean log-loss over the training images; the penalty is not in it. */
  loss: number;
  choice: StrengthChoice;
  converged: boolean;
  iterations: number;
}

export interface CandidateScore {
  features: string[];
  /** How many of the joined features the classifier reads; absent: all. */
  kept?: { count: number; of: number };
  /** Held-out log-loss and accuracy at the best strength; absent where classes are too small to hold any out. */
  loss?: number;
  accuracy?: number;
  choice: StrengthChoice;
  /** How many classes stood for all where there are many; absent: all were looked at. */
  among?: { classes: number; of: number };
}

interface SolveOptions {
  labels: Int32Array;
  classes: number;
  solver: Solver;
  /** Draws the folds; the same for all candidates. */
  random: Random;
  signal?: AbortSignal;
  /** What large products are computed by. Default the tfjs backend, as small ones are. */
  engines?: Inference;
  /** Weight of each image, >= 0; absent: all alike. */
  importance?: Float64Array;
  /** Shares of the features of one more set of stages to choose from, behind the candidates. */
  select?: Omit<FeatureSelection, 'stages'> & { from: Candidate };
  /** Called when a candidate has been scored. */
  scored?: (score: CandidateScore) => void;
  /** Called before each look at all images that the classifier of the best candidate takes. */
  solving?: () => void;
}

/**
 * How long a solve on all images goes on, by the multiplications of one product. The larger they are, the less the last digits of the weights are waited for: of a huge one
 * (1,000 classes of 20 images: 1e10, a second a look) the loss after 60 steps is within 0.05 % of the lowest.
 */
const limitsOf = (multiplications: number): { tolerance?: number; maxIterations?: number } => {
  if (multiplications > 4e9) return { tolerance: 1e-4, maxIterations: 60 };
  if (multiplications > 5e8) return { tolerance: 1e-4, maxIterations: 150 };
  return multiplications > 5e7 ? { tolerance: 1e-5, maxIterations: 200 } : {};
};

/** How much lower the held-out log-loss of a wider set must be to be taken: less than 1 % is not worth its width. */
const worthwhile = 0.99;

/** What a classifier could be solved on. */
interface Option {
  candidate: Candidate;
  /** Columns that it reads, ascending; absent: all. */
  columns?: Int32Array;
  choice: StrengthChoice;
}

/**
 * Solves a linear classifier on stored features: standardised (and Pareto-scaled), multinomial log-loss, L2 by cross-validation, the set of stages, and
 * of its features the share, with the lowest held-out log-loss; of those within one percent of each other the one named first, which strategies make
 * the simpler one. The standardisation is folded into the weights; those of features that are not read are zero. Where classes are many, some stand
 * for all while stages and strength are searched (see {@link classSample}); the classifier is solved on all.
 * @param candidates at least one, where there is no selection
 */
export async function solveHead(candidates: readonly Candidate[], options: SolveOptions): Promise<SolvedHead & { scores: CandidateScore[]; kept?: CandidateScore['kept'] }> {
  const { classes, select } = options;
  const widest = classes > 2 ? Math.max(...[...candidates, ...(select ? [select.from] : [])].map(({ table }) => table().shape[1] ?? 0)) : 0;
  const sample = classSample(options.labels, classes, widest, options.random.child('classes'));
  const looked = sample ? { ...options, labels: sample.labels, classes: sample.classes, ...(options.importance && { importance: Float64Array.from(sample.rows, (row) => options.importance![row]!) }) } : options;
  const tableOf = (candidate: Candidate): TensorData => (sample ? takeRows(scaled(candidate), sample.rows) : scaled(candidate));
  const scores: CandidateScore[] = [];
  let best: { option: Option; score: CandidateScore } | undefined;
  const consider = (option: Option, of: number): void => {
    const { candidate: { features }, columns, choice } = option;
    const own = choice.scores.find(({ C }) => C === choice.C);
    const score = { features, ...(columns && { kept: { count: columns.length, of } }), loss: own?.loss, accuracy: own?.accuracy, choice, ...(sample && { among: { classes: sample.classes, of: classes } }) };
    scores.push(score);
    options.scored?.(score);
    if (!best || (score.loss ?? Infinity) < worthwhile * (best.score.loss ?? Infinity)) best = { option, score };
  };
  for (const candidate of candidates) {
    const table = tableOf(candidate);
    consider({ candidate, choice: await chooseStrength(table, looked.labels, looked.classes, looked) }, table.shape[1] ?? 0);
  }
  if (select) {
    const table = tableOf(select.from);
    await selectFeatures(table, looked.labels, looked.classes, select, { ...looked, scored: (kept) => consider({ candidate: select.from, ...kept }, table.shape[1] ?? 0) });
  }
  if (!best) throw new Error('a solve needs at least one set of stages');
  return { ...(await solveAt(best.option, options)), scores, kept: best.score.kept };
}

async function solveAt({ candidate: { features, table }, columns, choice }: Option, { labels, classes, solver, signal, engines, importance, solving }: SolveOptions): Promise<SolvedHead> {
  const own = table();
  const scaling = scalingOf(own);
  const standardised = standardise(own, scaling);
  const products = new RowProducts(columns ? takeColumns(standardised, columns) : standardised, { engines, columns: classes });
  try {
    const weight = (row: number) => importance?.[row] ?? 1;
    const lambda = 1 / (choice.C * labels.reduce((sum, _, row) => sum + weight(row), 0));
    const objective = watched(new MultinomialLoss(products, labels, classes, lambda, weight, signal), solving);
    const { parameters, value, converged, iterations } = await solver.minimize(objective, new Float64Array((products.width + 1) * classes), limitsOf(products.rows * products.width * classes));
    const weights = parameters.subarray(0, products.width * classes);
    const penalty = (lambda / 2) * weights.reduce((sum, weight) => sum + weight * weight, 0);
    const folded = foldStandardisation(columns ? spread(weights, columns, own.shape[1] ?? 0) : weights, parameters.subarray(weights.length), scaling);
    return { head: { features, ...folded }, loss: value - penalty, choice, converged, iterations };
  } finally {
    await products.dispose();
  }
}

/** An objective that says when it is looked at. */
function watched(objective: MultinomialLoss, looked: (() => void) | undefined): Objective {
  return {
    evaluate: (parameters) => {
      looked?.();
      return objective.evaluate(parameters);
    },
    hessianProduct: (parameters, vector) => objective.hessianProduct(parameters, vector),
  };
}

/** Weights of some features among those of all, which are zero. @param weights [columns, K] @returns [width, K] */
function spread(weights: Float64Array, columns: Int32Array, width: number): Float64Array {
  const classes = weights.length / columns.length;
  const all = new Float64Array(width * classes);
  columns.forEach((column, row) => all.set(weights.subarray(row * classes, (row + 1) * classes), column * classes));
  return all;
}

/** The features of a set of stages, as the penalty looks at them. */
function scaled({ table }: Candidate): TensorData {
  const own = table();
  return standardise(own, scalingOf(own));
}

const scalingOf = (table: TensorData) => paretoScaling(standardisation(table));
