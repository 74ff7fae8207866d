import type { Objective } from '@cultivar/sdk';
import type { RowProducts } from './row-products.js';

/**
 * Multinomial logistic regression with an L2 penalty on the weights W [F, K], none on the bias b [K]:
 *
 *   f(W, b) = -1/n sum_i log softmax(x_i W + b)[y_i]  +  lambda/2 |W|^2
 *   df/dW = transpose(X) (P - Y) / n + lambda W        df/db = sum_i (P - Y)_i / n
 *
 * over the rows that count, n their weights' sum; rows may weigh differently. Parameters: W row by row, then b. With lambda = 1 / (C n) this is n C times scikit-learn's
 * LogisticRegression. Products are in single precision, sums in double.
 * Source: Bishop 2006, "Pattern recognition and machine learning", 4.3.4.
 */
export class MultinomialLoss implements Objective {
  /** n above: the sum of the rows' weights. */
  private readonly count: number;

  /** @param weight of each row, >= 0; 0: it does not count, as those outside of a training fold */
  constructor(
    private readonly products: RowProducts,
    private readonly labels: Int32Array,
    private readonly classes: number,
    private readonly lambda: number,
    private readonly weight: (row: number) => number,
    private readonly signal?: AbortSignal,
  ) {
    let count = 0;
    for (let row = 0; row < labels.length; row += 1) count += weight(row);
    this.count = count;
  }

  async evaluate(parameters: Float64Array): Promise<{ value: number; gradient: Float64Array }> {
    this.signal?.throwIfAborted();
    const { products: { width }, classes, lambda, count } = this;
    const scores = await scoresOf(this.products, parameters, classes);
    let loss = 0;
    const biasGradient = new Float64Array(classes);
    for (let row = 0; row < this.labels.length; row += 1) {
      const weight = this.weight(row);
      if (weight === 0) {
        scores.fill(0, row * classes, (row + 1) * classes);
        continue;
      }
      const label = this.labels[row]!;
      loss += weight * softmaxInPlace(scores, row * classes, classes, label);
      scores[row * classes + label]! -= 1;
      for (let k = 0; k < classes; k += 1) {
        scores[row * classes + k]! *= weight;
        biasGradient[k]! += scores[row * classes + k]! / count;
      }
    }
    const products = await this.products.transposedTimes(scores, classes);
    const gradient = new Float64Array(parameters.length);
    let square = 0;
    for (let i = 0; i < width * classes; i += 1) {
      const weight = parameters[i]!;
      gradient[i] = products[i]! / count + lambda * weight;
      square += weight * weight;
    }
    gradient.set(biasGradient, width * classes);
    return { value: loss / count + (lambda / 2) * square, gradient };
  }

  /** H v = transpose(X) (P * (S - sum_k P S)) / n + lambda v, where S = X V + c. */
  async hessianProduct(parameters: Float64Array, vector: Float64Array): Promise<Float64Array> {
    this.signal?.throwIfAborted();
    const { products: { width }, classes, lambda, count } = this;
    const [probabilities, change] = await Promise.all([scoresOf(this.products, parameters, classes), scoresOf(this.products, vector, classes)]);
    const result = new Float64Array(parameters.length);
    for (let row = 0; row < this.labels.length; row += 1) {
      const at = row * classes;
      softmaxInPlace(probabilities, at, classes, 0);
      let mean = 0;
      for (let k = 0; k < classes; k += 1) mean += probabilities[at + k]! * change[at + k]!;
      for (let k = 0; k < classes; k += 1) {
        const curved = (this.weight(row) * probabilities[at + k]! * (change[at + k]! - mean)) / count;
        change[at + k] = curved;
        result[width * classes + k]! += curved;
      }
    }
    const products = await this.products.transposedTimes(change, classes);
    for (let i = 0; i < width * classes; i += 1) result[i] = products[i]! + lambda * vector[i]!;
    return result;
  }
}

/** X W + b, [N, K]. */
export async function scoresOf(products: RowProducts, parameters: Float64Array, classes: number): Promise<Float32Array> {
  const weights = products.width * classes;
  const scores = await products.times(new Float32Array(parameters.subarray(0, weights)), classes);
  for (let at = 0; at < scores.length; at += classes) for (let k = 0; k < classes; k += 1) scores[at + k]! += parameters[weights + k]!;
  return scores;
}

/** Turns K scores from `at` on into probabilities. @returns -log of the label's probability */
export function softmaxInPlace(scores: Float32Array, at: number, classes: number, label: number): number {
  let largest = -Infinity;
  for (let k = 0; k < classes; k += 1) if (scores[at + k]! > largest) largest = scores[at + k]!;
  const own = scores[at + label]! - largest;
  let sum = 0;
  for (let k = 0; k < classes; k += 1) {
    const exponential = Math.exp(scores[at + k]! - largest);
    scores[at + k] = exponential;
    sum += exponential;
  }
  for (let k = 0; k < classes; k += 1) scores[at + k]! /= sum;
  return Math.log(sum) - own;
}
