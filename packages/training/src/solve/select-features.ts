import type { FeatureSelection, Random, Solver, TensorData } from '@cultivar/sdk';
import type { Inference } from './engine-multiplier.js';
import { stratifiedFolds } from './folds.js';
import { groupLasso } from './group-lasso.js';
import { RowProducts } from './row-products.js';
import { searchExtent } from './search-extent.js';
import { chooseStrength, searchStrength, takeRows, type StrengthChoice } from './strength.js';

/** Some of the features. */
export interface KeptFeatures {
  /** Their columns in the joined table, ascending. */
  columns: Int32Array;
  /** Strength of the penalty on the weights of a classifier that reads them, with its scores. */
  choice: StrengthChoice;
}

/**
 * Features for a linear classifier, selected as Head2Toe does: a group lasso on all of them scores each by the length of its weights;
 * a share with the highest scores is kept. Everything that looks at labels, the lasso too, is done anew without each fold that is held
 * out: scored on images that had a say in the selection, the narrowest would look best.
 * Source: Evci et al. 2022, "Head2Toe: utilizing intermediate representations for better transfer learning".
 * @param table standardised features, [N, F]
 * @returns for each of the fractions, in their order, what is kept; all features alone where classes are too small to hold any out
 */
export async function selectFeatures(
  table: TensorData, labels: Int32Array, classes: number, { penalty, fractions }: Omit<FeatureSelection, 'stages'>,
  options: { solver: Solver; random: Random; signal?: AbortSignal; importance?: Float64Array; engines?: Inference; scored?: (kept: KeptFeatures) => void },
): Promise<KeptFeatures[]> {
  const { solver, random, signal, importance, engines, scored } = options;
  const width = table.shape[1] ?? 0;
  const extent = searchExtent(labels, classes, width, random);
  if (extent.folds < 2) {
    const all = { columns: Int32Array.from({ length: width }, (_, column) => column), choice: await chooseStrength(table, labels, classes, options) };
    scored?.(all);
    return [all];
  }
  const rows = extent.rows.length === labels.length ? table : takeRows(table, extent.rows);
  const own = Int32Array.from(extent.rows, (row) => labels[row]!);
  const weight = (row: number) => importance?.[extent.rows[row]!] ?? 1;
  const folds = stratifiedFolds(own, classes, extent.folds, random);

  const [ranking, ...heldOut] = await rankings(rows, own, classes, [weight, ...Array.from({ length: extent.heldOut }, (_, fold) => (row: number) => (folds[row] === fold ? 0 : weight(row)))], { penalty, signal, engines });
  const kept: KeptFeatures[] = [];
  for (const fraction of fractions) {
    const count = Math.max(1, Math.round(fraction * width));
    const computed = { engines, columns: classes };
    const all = count === width ? new RowProducts(rows, computed) : undefined;
    const tables = heldOut.map((one) => all ?? new RowProducts(takeColumns(rows, one.slice(0, count).sort()), computed));
    try {
      const choice = await searchStrength(tables, own, classes, { folds, solver, signal, weight });
      kept.push({ columns: ranking!.slice(0, count).sort(), choice });
      scored?.(kept.at(-1)!);
    } finally {
      await Promise.all([...new Set(tables)].map((products) => products.dispose()));
    }
  }
  return kept;
}

/** The features by their scores, for each weighing of the rows: all are solved together. */
async function rankings(
  table: TensorData, labels: Int32Array, classes: number, weights: readonly ((row: number) => number)[], { penalty, signal, engines }: { penalty: number; signal?: AbortSignal; engines?: Inference },
): Promise<Int32Array[]> {
  const products = new RowProducts(table, { engines, columns: classes });
  try {
    return (await Promise.all(weights.map((weight) => groupLasso(products, labels, classes, { penalty, weight, signal })))).map(({ ranking }) => ranking);
  } finally {
    await products.dispose();
  }
}

/** Some columns of a table [N, F], in the order named. */
export function takeColumns({ data, shape: [rows = 0, width = 0] }: TensorData, columns: Int32Array): TensorData {
  const taken = new Float32Array(rows * columns.length);
  for (let row = 0; row < rows; row += 1) {
    for (let j = 0; j < columns.length; j += 1) taken[row * columns.length + j] = data[row * width + columns[j]!]!;
  }
  return { data: taken, shape: [rows, columns.length] };
}
