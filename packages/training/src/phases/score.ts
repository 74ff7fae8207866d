/** How a model does on the images it is measured with. */
export interface Score {
  /** 0..1. */
  accuracy: number;
  loss: number;
}

/**
 * Whether one model is better than another: more images right, or as many right at a lower log-loss. Accuracy comes first
 * because it is what is asked for, and because mixed and smoothed targets change the loss without changing the
 * answers; the loss decides between equals, which are frequent among a few hundred images.
 */
export function isBetter(one: Score, other: Score): boolean {
  return one.accuracy > other.accuracy || (one.accuracy === other.accuracy && one.loss < other.loss);
}
