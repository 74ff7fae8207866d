import type { FeatureStatistics, TensorData } from '@cultivar/sdk';

/**
 * Distance between the features of a dataset and those of the pretraining images: the Fréchet distance between two Gaussians with diagonal
 * covariance, |m1 - m2|^2 + |s1 - s2|^2, in units of the pretraining variance |s2|^2. What m1 strays by chance alone, the sum of
 * s1^2 / N, is taken off.
 * Source: Dowson & Landau 1982, "The Fréchet distance between multivariate normal distributions"; Heusel et al. 2017 (FID).
 * @param features [N, F]
 * @returns 0: the same kind of images; about 1: as far from them as they are from their own mean
 */
export function relativeDistance({ data, shape: [rows = 0, width = 0] }: TensorData, statistics: FeatureStatistics): number {
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  for (let i = 0; i < rows * width; i += 1) mean[i % width]! += data[i]! / rows;
  for (let i = 0; i < rows * width; i += 1) square[i % width]! += (data[i]! - mean[i % width]!) ** 2 / rows;
  let [distance, unit] = [0, 0];
  for (let j = 0; j < width; j += 1) {
    distance += (mean[j]! - statistics.mean[j]!) ** 2 - square[j]! / rows + (Math.sqrt(square[j]!) - statistics.std[j]!) ** 2;
    unit += statistics.std[j]! ** 2;
  }
  return unit > 0 ? Math.max(0, distance / unit) : 0;
}
