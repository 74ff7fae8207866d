import type { LossAndGradients, TensorData, TrainingProgram } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';

/**
 * A suffix whose classifier reads frozen stages as well: behind the pooled features that the suffix computes come those of
 * the stages before the cut, which were computed once for each view and are constants of the step.
 *
 *   features = [suffix(x), kept]        gradients flow through suffix(x) alone
 *
 * So that training begins exactly at the classifier that was solved on the joined stages.
 */
export class JoinedFeatures implements TrainingProgram {
  private kept: TensorData | undefined;

  constructor(private readonly program: TrainingProgram) {}

  get parameters(): TrainingProgram['parameters'] {
    return this.program.parameters;
  }

  /** @param kept of the next batch, [B, F]; undefined: the suffix computes everything that the classifier reads */
  join(kept: TensorData | undefined): void {
    this.kept = kept;
  }

  async lossAndGradients(input: tf.Tensor, loss: (features: tf.Tensor) => tf.Scalar, variables: tf.Variable[]): Promise<LossAndGradients> {
    if (!this.kept) return this.program.lossAndGradients(input, loss, variables);
    const constants = tf.tensor2d(this.kept.data, this.kept.shape as [number, number]);
    try {
      return await this.program.lossAndGradients(input, (features) => loss(tf.concat([features as tf.Tensor2D, constants], 1)), variables);
    } finally {
      constants.dispose();
    }
  }

  dispose(): Promise<void> {
    return this.program.dispose();
  }
}
