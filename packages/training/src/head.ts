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
    for (let feature = 0; feature < width; feature += 1) {
      const value = features.data[row * width + feature]!;
      if (value === 0) continue;
      for (let k = 0; k < classes; k += 1) logits[k]! += value * head.kernel.data[feature * classes + k]!;
    }
    data.set(softmax(logits), row * classes);
  }
  return { data, shape: [rows, classes] };
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
