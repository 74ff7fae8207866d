import type { TensorData } from '@cultivar/sdk';

/** Standard deviation of log T in the prior: two thirds of all temperatures lie within a factor of 1.65 of 1. */
const spread = 0.5;
const smallest = 2 ** -23;
const steps = 60;

/**
 * The temperature T at which softmax(z / T) fits labels best: the most probable one under
 *
 *   -sum_i log softmax(z_i / T)[y_i]  +  (log T)^2 / (2 spread^2)
 *
 * z are log-probabilities, which logits are up to a constant in each row. A network that was trained to the end on few
 * images is too sure of itself (T > 1); its answers stay the same at any T. With a handful of labels, all of them right, the
 * likelihood alone would go to T = 0: the prior, of which a few hundred labels take no notice, holds it near 1.
 * Golden-section search over log T in [-2, 2].
 * Source: Guo et al. 2017, "On calibration of modern neural networks", section 4.2 (temperature scaling); the prior is ours.
 * @param probabilities [N, K]
 */
export function fitTemperature(probabilities: TensorData, labels: Int32Array): number {
  const logarithms = logarithmsOf(probabilities);
  const cost = (logT: number): number => logT ** 2 / (2 * spread ** 2) + sum(lossesOf(logarithms, labels, Math.exp(logT)));
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [-2, 2];
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)];
  let [costLeft, costRight] = [cost(left), cost(right)];
  for (let step = 0; step < steps && high - low > 1e-4; step += 1) {
    if (costLeft < costRight) {
      [high, right, costRight] = [right, left, costLeft];
      left = high - golden * (high - low);
      costLeft = cost(left);
    } else {
      [low, left, costLeft] = [left, right, costRight];
      right = low + golden * (high - low);
      costRight = cost(right);
    }
  }
  return Math.exp((low + high) / 2);
}

/** -log softmax(log p_i / T)[y_i] of each row. */
export function logLosses(probabilities: TensorData, labels: Int32Array, temperature = 1): Float64Array {
  return lossesOf(logarithmsOf(probabilities), labels, temperature);
}

/** Computed once for all temperatures: with many classes they are most of the work. */
function logarithmsOf({ data }: TensorData): Float64Array {
  const logarithms = new Float64Array(data.length);
  for (let index = 0; index < data.length; index += 1) logarithms[index] = Math.log(Math.max(smallest, data[index]!));
  return logarithms;
}

/** @param logarithms [N, K] */
function lossesOf(logarithms: Float64Array, labels: Int32Array, temperature: number): Float64Array {
  const rows = labels.length;
  const classes = logarithms.length / rows;
  const losses = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const from = row * classes;
    let total = 0;
    for (let index = from; index < from + classes; index += 1) total += Math.exp(logarithms[index]! / temperature);
    losses[row] = Math.log(total) - logarithms[from + labels[row]!]! / temperature;
  }
  return losses;
}

/** softmax(log p / T), row by row. */
export function atTemperature({ data, shape }: TensorData, temperature: number): TensorData {
  const [rows = 0, classes = 0] = shape;
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row += 1) {
    let total = 0;
    for (let k = row * classes; k < (row + 1) * classes; k += 1) total += result[k] = Math.max(smallest, data[k]!) ** (1 / temperature);
    for (let k = row * classes; k < (row + 1) * classes; k += 1) result[k]! /= total;
  }
  return { data: result, shape: [...shape] };
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
