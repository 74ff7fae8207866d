import type { TensorData } from './engine.js';

/** One number about predictions. */
export interface Metric {
  /** @param probabilities [N, K]; @param labels N class indices */
  compute(predictions: { probabilities: TensorData; labels: Int32Array }): number;
}
export const Metric = Symbol.for('cultivar:Metric');
