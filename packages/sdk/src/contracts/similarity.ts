import type { FeatureStatistics } from './backbone.js';
import type { TensorData } from './engine.js';
import type { SimilarityMeasurement } from './strategy.js';

/** Says how like the pretraining images a dataset is. */
export interface Similarity {
  /**
   * @param features pooled top features of the training images, [N, F]
   * @param labels class index of each, N
   */
  measure(sample: { features: TensorData; labels: Int32Array; classes: number }, statistics?: FeatureStatistics): SimilarityMeasurement | Promise<SimilarityMeasurement>;
}
export const Similarity = Symbol.for('cultivar:Similarity');
