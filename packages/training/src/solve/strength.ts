import type { Random, Solver, TensorData } from '@cultivar/sdk';
import type { Inference } from './engine-multiplier.js';
import { MultinomialLoss, scoresOf, softmaxInPlace } from './multinomial-loss.js';
import { stratifiedFolds } from './folds.js';
import { RowProducts } from './row-products.js';
import { searchExtent } from './search-extent.js';

/** C = 1 / (lambda n), as in scikit-learn: the larger, the weaker the penalty. Half-decades from 1e-4 to 1e2. */
const strengths = Array.from({ length: 13 }, (_, index) => 10 ** (-4 + index / 2));
/** Where the best C of standardised features of a few hundred to a few thousand images mostly lies or begins: 0.01. */
const first = 4;
/** For the inner solves: the held-out loss has settled long before the weights have. */
const loose = { tolerance: 1e-3, maxIterations: 40 };
/**
 * Few rows are told apart by almost any weights; a solve that is stopped early is then a penalty of its own, under which the
 * weakest looks as good as any: 100 photos of flowers, C = 32 with a log-loss of 0.53 on others, against 0.46 at C = 1.
 */
const careful = { tolerance: 1e-4, maxIterations: 100 };
/** Rows up to which inner solves are careful: it costs less than a second. */
const few = 500;
/** Of strengths whose held-out losses are within one percent of the lowest the strongest is taken. */
const alike = 1.01;

export interface StrengthChoice {
  C: number;
  /** Mean held-out log-loss of each C that was tried, in the order tried. */
  scores: { C: number; loss: number; accuracy: number }[];
  folds: number;
}

/**
 * Chooses the strength of the penalty by stratified cross-validation on the held-out log-loss.
 *
 * The loss as a function of log C has one valley. The walk begins inside the usual range, goes on towards weaker
 * penalties, each fold's solve beginning where its last one ended, and stops when two steps in a row have brought nothing;
 * where the first step up brings nothing it goes down the same way.
 * @param table standardised features, [N, F]
 */
export async function chooseStrength(
  table: TensorData, labels: Int32Array, classes: number,
  { solver, random, signal, importance, engines }: { solver: Solver; random: Random; signal?: AbortSignal; importance?: Float64Array; engines?: Inference },
): Promise<StrengthChoice> {
  const extent = searchExtent(labels, classes, table.shape[1] ?? 0, random);
  if (extent.folds < 2) return { C: strengths[first]!, scores: [], folds: 0 };
  const own = Int32Array.from(extent.rows, (row) => labels[row]!);
  const folds = stratifiedFolds(own, classes, extent.folds, random);
  const products = new RowProducts(extent.rows.length === labels.length ? table : takeRows(table, extent.rows), { engines, columns: classes });
  try {
    const weight = (row: number) => importance?.[extent.rows[row]!] ?? 1;
    return await searchStrength(Array.from({ length: extent.heldOut }, () => products), own, classes, { folds, solver, signal, weight });
  } finally {
    await products.dispose();
  }
}

export interface StrengthSearch {
  /** Fold of each row. */
  folds: Int32Array;
  solver: Solver;
  signal?: AbortSignal;
  /** Of each row, >= 0. */
  weight: (row: number) => number;
}

/**
 * The walk of {@link chooseStrength}, on folds that are drawn.
 * @param tables for each fold that is held out in turn, from fold 0 on, the products of the features it is solved on: one and the same, or each its own
 */
export async function searchStrength(tables: readonly RowProducts[], labels: Int32Array, classes: number, { folds, solver, signal, weight }: StrengthSearch): Promise<StrengthChoice> {
  const tried = new Map<number, { loss: number; accuracy: number }>();
  const attempt = async (index: number, starts: Float64Array[]) => {
    const results = await Promise.all(tables.map(async (products, fold) => {
      const inside = (row: number) => (folds[row] === fold ? 0 : weight(row));
      const rows = folds.reduce((sum, _, row) => sum + inside(row), 0);
      const objective = new MultinomialLoss(products, labels, classes, 1 / (strengths[index]! * rows), inside, signal);
      const { parameters } = await solver.minimize(objective, starts[fold]!, products.rows <= few ? careful : loose);
      return { parameters, ...(await heldOutScore(products, labels, classes, parameters, (row) => (folds[row] === fold ? weight(row) : 0))) };
    }));
    const images = results.reduce((sum, one) => sum + one.images, 0);
    const score = {
      loss: results.reduce((sum, one) => sum + one.loss, 0) / images,
      accuracy: results.reduce((sum, one) => sum + one.right, 0) / images,
    };
    tried.set(index, score);
    return { score, parameters: results.map((one) => one.parameters) };
  };

  const beginning = await attempt(first, tables.map(({ width }) => new Float64Array((width + 1) * classes)));
  let best = { index: first, loss: beginning.score.loss };
  for (const direction of [1, -1]) {
    if (direction === -1 && best.index !== first) break;
    let starts = beginning.parameters;
    let worse = 0;
    for (let index = first + direction; index >= 0 && index < strengths.length && worse < (direction === 1 ? 2 : 1); index += direction) {
      const { score, parameters } = await attempt(index, starts);
      starts = parameters;
      worse = score.loss < best.loss ? 0 : worse + 1;
      if (score.loss < best.loss) best = { index, loss: score.loss };
      // A clear turn needs no second opinion.
      if (score.loss > 1.1 * best.loss) break;
    }
  }
  const strongest = Math.min(...[...tried].filter(([, { loss }]) => loss <= alike * best.loss).map(([index]) => index));
  return { C: strengths[strongest]!, folds: tables.length, scores: [...tried].map(([index, score]) => ({ C: strengths[index]!, ...score })) };
}

/** Some rows of a table [N, F]. */
export function takeRows({ data, shape: [, width = 0] }: TensorData, rows: readonly number[]): TensorData {
  const taken = new Float32Array(rows.length * width);
  rows.forEach((row, index) => taken.set(data.subarray(row * width, (row + 1) * width), index * width));
  return { data: taken, shape: [rows.length, width] };
}

async function heldOutScore(products: RowProducts, labels: Int32Array, classes: number, parameters: Float64Array, weight: (row: number) => number) {
  const scores = await scoresOf(products, parameters, classes);
  let [loss, correct, images] = [0, 0, 0];
  for (let row = 0; row < labels.length; row += 1) {
    const own = weight(row);
    if (own === 0) continue;
    const label = labels[row]!;
    loss += own * softmaxInPlace(scores, row * classes, classes, label);
    images += own;
    const right = scores[row * classes + label]!;
    let larger = false;
    for (let k = 0; k < classes; k += 1) if (k !== label && scores[row * classes + k]! >= right) larger = true;
    if (!larger) correct += own;
  }
  return { loss, right: correct, images };
}
