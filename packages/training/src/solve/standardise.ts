import type { TensorData } from '@cultivar/sdk';

/** Where each feature lies, and how wide it is spread, over the training images. */
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

/**
 * Pareto scaling: standardised features are weighted by the root of their spread, (x - mean) / deviation * sqrt(deviation), brought to a
 * mean variance of 1. The penalty, which looks at all weights alike, then trusts features that move more a little more.
 *
 * Held-out log-loss, two five-fold cross-validations on MobileNetV2 features, fully standardised -> so scaled -> not scaled at all:
 * flowers top 0.286 -> 0.282 -> 0.290, flowers top and one cut below 0.267 -> 0.255 -> 0.255, neu-surface-defects top 0.0165 ->
 * 0.0127 -> 0.0120, with two cuts below 0.0124 -> 0.0086 -> 0.0081; hymenoptera top 0.075 -> 0.077 -> 0.080.
 * Source: van den Berg et al. 2006, "Centering, scaling, and transformations: improving the biological information content of
 * metabolomics data" (Pareto scaling).
 */
export function paretoScaling({ mean, deviation }: Standardisation): Standardisation {
  const average = deviation.reduce((sum, value) => sum + value, 0) / deviation.length;
  return { mean, deviation: deviation.map((value) => Math.sqrt(value * average)) };
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
export function foldStandardisation(weights: Float32Array | Float64Array, bias: Float32Array | Float64Array, { mean, deviation }: Standardisation): { kernel: TensorData; bias: TensorData } {
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

/** The other way about: the weights on standardised features that are those on features as they are. x W + b  =  ((x - m) / s) (s W) + (b + m W). */
export function unfoldStandardisation({ kernel, bias }: { kernel: TensorData; bias: TensorData }, { mean, deviation }: Standardisation): { kernel: TensorData; bias: TensorData } {
  const classes = bias.data.length;
  const data = new Float32Array(kernel.data.length);
  const shifted = Float64Array.from(bias.data);
  for (let j = 0; j < mean.length; j += 1) {
    for (let k = 0; k < classes; k += 1) {
      const weight = kernel.data[j * classes + k]!;
      data[j * classes + k] = weight * deviation[j]!;
      shifted[k]! += mean[j]! * weight;
    }
  }
  return { kernel: { data, shape: kernel.shape }, bias: { data: Float32Array.from(shifted), shape: bias.shape } };
}
