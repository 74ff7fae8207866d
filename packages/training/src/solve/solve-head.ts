import type { Random, Solver, TensorData } from '@cultivar/sdk';
import type { Head } from '../head.js';
import { MultinomialLoss } from './multinomial-loss.js';
import { RowProducts } from './row-products.js';
import { foldStandardisation, standardisation, standardise } from './standardise.js';
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
  /** Called when a candidate has been scored. */
  scored?: (score: CandidateScore) => void;
}

/** How much lower the held-out log-loss of a wider set must be to be taken: less than 1 % is not worth its width. */
const worthwhile = 0.99;

/**
 * Solves a linear classifier on stored features: standardised, multinomial log-loss, L2 by cross-validation, the set of stages with
 * the lowest held-out log-loss; of sets within one percent of each other the one named first, which strategies make
 * the simpler one. The standardisation is folded into the weights.
 * @param candidates at least one
 */
export async function solveHead(candidates: readonly Candidate[], options: SolveOptions): Promise<SolvedHead & { scores: CandidateScore[] }> {
  const { labels, classes, solver, random, signal } = options;
  const scores: CandidateScore[] = [];
  let best: { candidate: Candidate; choice: StrengthChoice; loss: number } | undefined;
  for (const candidate of candidates) {
    const choice = await onProducts(candidate.table(), (products) => chooseStrength(products, labels, classes, solver, random, signal));
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

async function solveAt({ features, table }: Candidate, choice: StrengthChoice, { labels, classes, solver, signal }: SolveOptions): Promise<SolvedHead> {
  return onProducts(table(), async (products, scaling) => {
    const lambda = 1 / (choice.C * products.rows);
    const objective = new MultinomialLoss(products, labels, classes, lambda, () => true, signal);
    const { parameters, value, converged, iterations } = await solver.minimize(objective, new Float64Array((products.width + 1) * classes));
    const weights = parameters.subarray(0, products.width * classes);
    const penalty = (lambda / 2) * weights.reduce((sum, weight) => sum + weight * weight, 0);
    const folded = foldStandardisation(weights, parameters.subarray(weights.length), scaling);
    return { head: { features, ...folded }, loss: value - penalty, choice, converged, iterations };
  });
}

async function onProducts<T>(table: TensorData, work: (products: RowProducts, scaling: ReturnType<typeof standardisation>) => Promise<T>): Promise<T> {
  const scaling = standardisation(table);
  const products = new RowProducts(standardise(table, scaling));
  try {
    return await work(products, scaling);
  } finally {
    products.dispose();
  }
}
