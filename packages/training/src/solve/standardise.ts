import type { TensorData } from '@cultivar/sdk';

/** Mean and standard deviation of each feature over the training images. */
export interface Standardisation {
  mean: Float64Array;
  /** 1 for a feature that never changes, so that it stays at zero instead of exploding. */
  deviation: Float64Array;
}

/** @param features [N, F] */
export function standardisation({ data, shape: [rows = 0, width = 0] }: TensorData): Standardisation {
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  for (let row = 0; row < rows; row += 1) for (let j = 0; j < width; j += 1) mean[j]! += data[row * width + j]! / rows;
  for (let row = 0; row < rows; row += 1) for (let j = 0; j < width; j += 1) square[j]! += (data[row * width + j]! - mean[j]!) ** 2 / rows;
  const deviation = square.map((variance, j) => {
    const root = Math.sqrt(variance);
    return root > 1e-7 * Math.max(1, Math.abs(mean[j]!)) ? root : 1;
  });
  return { mean, deviation };
}

/** (x - mean) / deviation. @returns [N, F], a new array */
export function standardise({ data, shape }: TensorData, { mean, deviation }: Standardisation): TensorData {
  const [rows = 0, width = 0] = shape;
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row += 1) {
    for (let j = 0; j < width; j += 1) result[row * width + j] = (data[row * width + j]! - mean[j]!) / deviation[j]!;
  }
  return { data: result, shape: [...shape] };
}

/**
 * Folds the standardisation into a linear layer: ((x - m) / s) W + b  =  x (W / s) + (b - (m / s) W).
 * @param weights [F, K], of standardised features
 */
export function foldStandardisation(weights: Float64Array, bias: Float64Array, { mean, deviation }: Standardisation): { kernel: TensorData; bias: TensorData } {
  const classes = bias.length;
  const kernel = new Float32Array(weights.length);
  const folded = Float64Array.from(bias);
  for (let j = 0; j < mean.length; j += 1) {
    for (let k = 0; k < classes; k += 1) {
      const weight = weights[j * classes + k]! / deviation[j]!;
      kernel[j * classes + k] = weight;
      folded[k]! -= mean[j]! * weight;
    }
  }
  return { kernel: { data: kernel, shape: [mean.length, classes] }, bias: { data: Float32Array.from(folded), shape: [classes] } };
}
