import { MultinomialLoss } from './multinomial-loss.js';
import type { RowProducts } from './row-products.js';

export interface GroupLassoOptions {
  /** As a share of the least lambda under which all weights are zero; above 0, below 1. */
  penalty: number;
  /** Weight of each row, >= 0; 0: it does not count. */
  weight: (row: number) => number;
  signal?: AbortSignal;
  /** Default 300; a ranking has long settled by then. */
  maxIterations?: number;
  /** Largest change of a feature's weights in one step, as a share of the step's shrinkage, at which it ends. Default 0.01. */
  tolerance?: number;
}

export interface GroupLassoSolution {
  /** W row by row [F, K], then b [K]; most rows are exactly zero. */
  parameters: Float64Array;
  /** lambda itself. */
  lambda: number;
  /** All features, the best first: those with weights by the length of their row; then the others, by how little is missing until theirs would leave zero. */
  ranking: Int32Array;
  /** Features with weights. */
  active: number;
  iterations: number;
  converged: boolean;
}

/**
 * Multinomial logistic regression with a group lasso on the weights W [F, K], a group for each feature, none on the bias b [K]:
 *
 *   minimise  f(W, b) + lambda sum_j |w_j|,      f = -1/n sum_i log softmax(x_i W + b)[y_i],   |w_j| the length of row j
 *
 * by FISTA: from a point v ahead of the last one a step t = 1 / L of gradient descent, then each row is shrunk,
 *
 *   u = v - t grad f(v)        w_j <- max(0, 1 - t lambda / |u_j|) u_j        b <- its u
 *   v = w + (theta - 1) / theta' (w - w before),        theta' = (1 + sqrt(1 + 4 theta^2)) / 2
 *
 * and theta begins at 1 again whenever the momentum points uphill. L = sigma^2 / (2 n), sigma the largest singular value of [X 1], is never below the
 * curvature of f. At W = 0, with b the logarithm of the classes' shares, every row stays zero from lambda_max = max_j |df/dw_j| on.
 * Source: Yuan & Lin 2006, "Model selection and estimation in regression with grouped variables"; Beck & Teboulle 2009, "A fast iterative
 * shrinkage-thresholding algorithm" (FISTA); O'Donoghue & Candes 2015, "Adaptive restart"; Bohning 1992, "Multinomial logistic regression algorithm" (L).
 * @param products of standardised features X [N, F]
 */
export async function groupLasso(
  products: RowProducts, labels: Int32Array, classes: number, { penalty, weight, signal, maxIterations = 300, tolerance = 0.01 }: GroupLassoOptions,
): Promise<GroupLassoSolution> {
  const { width } = products;
  const loss = new MultinomialLoss(products, labels, classes, 0, weight, signal);
  const step = 1 / (await curvatureBound(products, weight));

  let point = new Float64Array((width + 1) * classes);
  point.set(logShares(labels, classes, weight), width * classes);
  let { gradient } = await loss.evaluate(point);
  const lambda = penalty * largest(rowLengths(gradient, width, classes));

  let ahead = point;
  let theta = 1;
  let [iterations, converged] = [0, lambda === 0];
  while (!converged && iterations < maxIterations) {
    iterations += 1;
    const next = ahead.map((value, i) => value - step * gradient[i]!);
    shrinkRows(next, width, classes, step * lambda);
    const moved = next.map((value, i) => value - ahead[i]!);
    const uphill = next.reduce((sum, value, i) => sum - moved[i]! * (value - point[i]!), 0) > 0;
    const faster = uphill ? 1 : (1 + Math.sqrt(1 + 4 * theta * theta)) / 2;
    const momentum = uphill ? 0 : (theta - 1) / faster;
    converged = largest(rowLengths(moved, width + 1, classes)) <= tolerance * step * lambda;
    ahead = next.map((value, i) => value + momentum * (value - point[i]!));
    [point, theta] = [next, faster];
    ({ gradient } = await loss.evaluate(converged ? point : ahead));
  }
  const lengths = rowLengths(point, width, classes);
  return { parameters: point, lambda, ranking: ranked(lengths, rowLengths(gradient, width, classes)), active: lengths.filter((length) => length > 0).length, iterations, converged };
}

const largest = (lengths: Float64Array): number => lengths.reduce((most, length) => Math.max(most, length), 0);

/** w_j <- max(0, 1 - threshold / |w_j|) w_j, the proximal operator of threshold sum_j |w_j|. Rows behind the first `width` stay. */
function shrinkRows(parameters: Float64Array, width: number, classes: number, threshold: number): void {
  rowLengths(parameters, width, classes).forEach((length, row) => {
    const share = length > threshold ? 1 - threshold / length : 0;
    for (let k = row * classes; k < (row + 1) * classes; k += 1) parameters[k]! *= share;
  });
}

/** |w_j| of the first rows. */
function rowLengths(parameters: Float64Array, rows: number, classes: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    let square = 0;
    for (let k = row * classes; k < (row + 1) * classes; k += 1) square += parameters[k]! ** 2;
    return Math.sqrt(square);
  });
}

/** Those with weights before those without, and among these the one with the largest gradient first. */
function ranked(lengths: Float64Array, gradients: Float64Array): Int32Array {
  return Int32Array.from(lengths.keys()).sort((a, b) => lengths[b]! - lengths[a]! || gradients[b]! - gradients[a]! || a - b);
}

/** The bias of a classifier without features; a class without rows counts as half a row. */
function logShares(labels: Int32Array, classes: number, weight: (row: number) => number): Float64Array {
  const sums = new Float64Array(classes);
  labels.forEach((label, row) => { sums[label]! += weight(row); });
  return sums.map((sum) => Math.log(Math.max(sum, 0.5)));
}

/** Products that the largest singular value is found with; it comes out a little low, never high. */
const powerSteps = 15;
const margin = 1.1;

/** sigma^2 / (2 n) of the weighed rows of [X 1], by the power method. */
async function curvatureBound(products: RowProducts, weight: (row: number) => number): Promise<number> {
  const { rows, width } = products;
  let [vector, bias] = [new Float32Array(width).fill(1 / Math.sqrt(width + 1)), 1 / Math.sqrt(width + 1)];
  let [square, count] = [0, 0];
  for (let row = 0; row < rows; row += 1) count += weight(row);
  for (let i = 0; i < powerSteps; i += 1) {
    const image = await products.times(vector, 1);
    let sum = 0;
    for (let row = 0; row < rows; row += 1) {
      image[row] = weight(row) * (image[row]! + bias);
      sum += image[row]!;
    }
    vector = await products.transposedTimes(image, 1) as Float32Array<ArrayBuffer>;
    square = Math.sqrt(vector.reduce((total, value) => total + value * value, sum * sum));
    [vector, bias] = [vector.map((value) => value / square), sum / square];
  }
  return (margin * square) / (2 * count);
}
