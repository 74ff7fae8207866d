import type { TensorData } from '@cultivar/sdk';

/** A linear classifier on the averaged outputs of stages. */
export interface Head {
  /** Stage names; their pooled outputs are joined in this order. */
  features: string[];
  /** [F, K] */
  kernel: TensorData;
  /** [K] */
  bias: TensorData;
}

/** softmax(x W + b), row by row in double precision. @param features [N, F] @returns [N, K] */
export function headProbabilities(head: Head, features: TensorData): TensorData {
  const [rows = 0, width = 0] = features.shape;
  const classes = head.bias.data.length;
  const data = new Float32Array(rows * classes);
  const logits = new Float64Array(classes);
  for (let row = 0; row < rows; row += 1) {
    logits.set(head.bias.data);
    addProducts(logits, features.data.subarray(row * width, (row + 1) * width), head.kernel.data);
    data.set(softmax(logits), row * classes);
  }
  return { data, shape: [rows, classes] };
}

/** logits += x W. Four features at a time, in their order: with many classes the sums are read and written less often. */
function addProducts(logits: Float64Array, values: Float32Array, kernel: Float32Array): void {
  const classes = logits.length;
  let feature = 0;
  for (; feature + 3 < values.length; feature += 4) {
    const [a, b, c, d] = [values[feature]!, values[feature + 1]!, values[feature + 2]!, values[feature + 3]!];
    if (a === 0 && b === 0 && c === 0 && d === 0) continue;
    for (let k = 0, at = feature * classes; k < classes; k += 1, at += 1) {
      logits[k] = logits[k]! + a * kernel[at]! + b * kernel[at + classes]! + c * kernel[at + 2 * classes]! + d * kernel[at + 3 * classes]!;
    }
  }
  for (; feature < values.length; feature += 1) {
    const value = values[feature]!;
    for (let k = 0; k < classes; k += 1) logits[k]! += value * kernel[feature * classes + k]!;
  }
}

/** exp(x - max) / sum exp(x - max) */
export function softmax(logits: Float64Array): Float64Array {
  let largest = -Infinity;
  for (const logit of logits) largest = Math.max(largest, logit);
  const exponentials = logits.map((logit) => Math.exp(logit - largest));
  let sum = 0;
  for (const value of exponentials) sum += value;
  return exponentials.map((value) => value / sum);
}

/** The same classifier with its features in another order. @param width number of features of a stage */
export function reordered(head: Head, features: readonly string[], width: (stage: string) => number): Head {
  const classes = head.bias.data.length;
  const data = new Float32Array(head.kernel.data.length);
  let first = 0;
  for (const stage of features) {
    let from = 0;
    for (const before of head.features.slice(0, head.features.indexOf(stage))) from += width(before);
    data.set(head.kernel.data.subarray(from * classes, (from + width(stage)) * classes), first * classes);
    first += width(stage);
  }
  return { features: [...features], kernel: { data, shape: head.kernel.shape }, bias: head.bias };
}

/** Features with any weight, among `count` of them from `first` on. */
export function featuresRead({ kernel: { data, shape: [, classes = 0] } }: Head, first: number, count: number): number {
  let read = 0;
  for (let row = first; row < first + count; row += 1) {
    if (data.subarray(row * classes, (row + 1) * classes).some((weight) => weight !== 0)) read += 1;
  }
  return read;
}

/** The same classifier without the stages of which it reads nothing: all their weights are zero. One stays. @param width number of features of a stage */
export function withoutUnread(head: Head, width: (stage: string) => number): Head {
  const classes = head.bias.data.length;
  let from = 0;
  const parts = head.features.map((stage) => ({ stage, weights: head.kernel.data.subarray(from * classes, (from += width(stage)) * classes) }));
  const read = parts.filter(({ weights }) => weights.some((weight) => weight !== 0));
  const kept = read.length > 0 ? read : parts.slice(-1);
  const data = new Float32Array(kept.reduce((sum, { weights }) => sum + weights.length, 0));
  let at = 0;
  for (const { weights } of kept) {
    data.set(weights, at);
    at += weights.length;
  }
  return { features: kept.map(({ stage }) => stage), kernel: { data, shape: [data.length / classes, classes] }, bias: head.bias };
}

/** softmax((x W + b) / T): the same answers, less sure where T > 1. */
export function dividedBy(head: Head, temperature: number): Head {
  const divided = ({ data, shape }: TensorData): TensorData => ({ data: data.map((value) => value / temperature), shape });
  return { features: head.features, kernel: divided(head.kernel), bias: divided(head.bias) };
}
