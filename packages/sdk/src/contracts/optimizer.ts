import type { Tensor } from '@tensorflow/tfjs-core';

export interface OptimizerStep {
  gradient: Tensor;
  /** What the optimizer keeps for this weight, as it returned it last; empty at the first step. */
  slots: Readonly<Record<string, Tensor>>;
  /** Counts from 1. */
  step: number;
  /** Rate of this weight at this step: base rate x schedule x the stage's share. */
  learningRate: number;
  /** The same without the base rate, schedule x the stage's share: for optimizers that need no rate. 1 when absent. */
  multiplier?: number;
  parameter: Tensor;
}

/**
 * Turns a gradient into a step. Pure: nothing is kept between calls but the slots. Called inside `tf.tidy`;
 * elementwise unless `elementwise` is false: the trainer may hand a whole group of weights over as one flat tensor.
 */
export interface Optimizer {
  readonly elementwise?: boolean;
  /** @returns delta, to be added to the parameter, and the slots for the next step, each of the parameter's shape or scalar */
  update(step: OptimizerStep): { delta: Tensor; slots: Record<string, Tensor> };
  /**
   * The weight as it is measured and kept, where that is another than the one that trains: an average over steps.
   * The trainer evaluates, snapshots and bundles this one, and trains and checkpoints the raw one. Called inside
   * `tf.tidy`; elementwise where `update` is.
   * @param state the parameter and slots as the last update left them; steps done, counted from 1
   * @returns of the parameter's shape; the parameter itself where nothing is averaged yet
   */
  evaluated?(state: { parameter: Tensor; slots: Readonly<Record<string, Tensor>>; step: number }): Tensor;
}
export const Optimizer = Symbol.for('cultivar:Optimizer');
