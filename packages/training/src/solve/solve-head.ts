import type { Random, Solver, TensorData } from '@cultivar/sdk';
import type { Head } from '../head.js';
import { MultinomialLoss } from './multinomial-loss.js';
import { RowProducts } from './row-products.js';
import { foldStandardisation, paretoScaling, standardisation, standardise } from './standardise.js';
import { chooseStrength, type StrengthChoice } from './strength.js';

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
  /** Held-out log-loss and accuracy at the best strength; absent where classes are too small to hold any out. */
  loss?: number;
  accuracy?: number;
  choice: StrengthChoice;
}

interface SolveOptions {
  labels: Int32Array;
  classes: number;
  solver: Solver;
  /** Draws the folds; the same for all candidates. */
  random: Random;
  signal?: AbortSignal;
  /** Weight of each image, >= 0; absent: all alike. */
  importance?: Float64Array;
  /** Called when a candidate has been scored. */
  scored?: (score: CandidateScore) => void;
}

/** Multiplications of one product above which the last digits of the weights are not waited for. */
const large = 5e8;

/** How much lower the held-out log-loss of a wider set must be to be taken: less than 1 % is not worth its width. */
const worthwhile = 0.99;

/**
 * Solves a linear classifier on stored features: standardised (and Pareto-scaled), multinomial log-loss, L2 by cross-validation, the set of stages with
 * the lowest held-out log-loss; of sets within one percent of each other the one named first, which strategies make
 * the simpler one. The standardisation is folded into the weights.
 * @param candidates at least one
 */
export async function solveHead(candidates: readonly Candidate[], options: SolveOptions): Promise<SolvedHead & { scores: CandidateScore[] }> {
  const { labels, classes, solver, random, signal, importance } = options;
  const scores: CandidateScore[] = [];
  let best: { candidate: Candidate; choice: StrengthChoice; loss: number } | undefined;
  for (const candidate of candidates) {
    const table = candidate.table();
    const choice = await chooseStrength(standardise(table, scalingOf(table)), labels, classes, { solver, random, signal, importance });
    const own = choice.scores.find(({ C }) => C === choice.C);
    const score = { features: candidate.features, loss: own?.loss, accuracy: own?.accuracy, choice };
    scores.push(score);
    options.scored?.(score);
    const loss = own?.loss ?? Infinity;
    if (!best || loss < worthwhile * best.loss) best = { candidate, choice, loss };
  }
  if (!best) throw new Error('a solve needs at least one set of stages');
  return { ...(await solveAt(best.candidate, best.choice, options)), scores };
}

async function solveAt({ features, table }: Candidate, choice: StrengthChoice, { labels, classes, solver, signal, importance }: SolveOptions): Promise<SolvedHead> {
  const own = table();
  const scaling = scalingOf(own);
  const products = new RowProducts(standardise(own, scaling));
  try {
    const weight = (row: number) => importance?.[row] ?? 1;
    const lambda = 1 / (choice.C * labels.reduce((sum, _, row) => sum + weight(row), 0));
    const objective = new MultinomialLoss(products, labels, classes, lambda, weight, signal);
    const limits = products.rows * products.width * classes > large ? { tolerance: 1e-4, maxIterations: 150 } : {};
    const { parameters, value, converged, iterations } = await solver.minimize(objective, new Float64Array((products.width + 1) * classes), limits);
    const weights = parameters.subarray(0, products.width * classes);
    const penalty = (lambda / 2) * weights.reduce((sum, weight) => sum + weight * weight, 0);
    const folded = foldStandardisation(weights, parameters.subarray(weights.length), scaling);
    return { head: { features, ...folded }, loss: value - penalty, choice, converged, iterations };
  } finally {
    products.dispose();
  }
}

const scalingOf = (table: TensorData) => paretoScaling(standardisation(table));
