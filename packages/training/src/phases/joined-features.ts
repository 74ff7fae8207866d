import type { LossAndGradients, TensorData, TrainingProgram } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import type { Standardisation } from '../solve/standardise.js';

/**
 * A suffix as its classifier reads it: behind the pooled features that the suffix computes come those of the frozen stages
 * before the cut, which were computed once for each view and are constants of the step; all are standardised as they were
 * when the classifier was solved.
 *
 *   features = ([suffix(x), kept] - mean) / deviation        gradients flow through suffix(x) alone
 *
 * So training begins exactly at the classifier that was solved, and in the coordinates in which it was: pooled activations are all
 * positive, and a step of the same length for every weight on them would move all logits far, and all together.
 * Source: LeCun et al. 1998, "Efficient backprop", section 4.3 (inputs of mean zero and like variance).
 */
export class JoinedFeatures implements TrainingProgram {
  private kept: TensorData | undefined;

  constructor(private readonly program: TrainingProgram, private readonly scaling: Standardisation) {}

  get parameters(): TrainingProgram['parameters'] {
    return this.program.parameters;
  }

  /** @param kept of the next batch, [B, F]; undefined: the suffix computes everything that the classifier reads */
  join(kept: TensorData | undefined): void {
    this.kept = kept;
  }

  async lossAndGradients(input: tf.Tensor, loss: (features: tf.Tensor) => tf.Scalar, variables: tf.Variable[]): Promise<LossAndGradients> {
    const { kept, scaling } = this;
    const constants = tf.tidy(() => ({
      kept: kept && tf.tensor2d(kept.data, kept.shape as [number, number]),
      mean: tf.tensor1d(Float32Array.from(scaling.mean)),
      deviation: tf.tensor1d(Float32Array.from(scaling.deviation)),
    }));
    const standardised = (features: tf.Tensor): tf.Tensor => {
      const joined = constants.kept ? tf.concat([features as tf.Tensor2D, constants.kept], 1) : features;
      return tf.div(tf.sub(joined, constants.mean), constants.deviation);
    };
    try {
      return await this.program.lossAndGradients(input, (features) => loss(standardised(features)), variables);
    } finally {
      tf.dispose([constants.mean, constants.deviation]);
      constants.kept?.dispose();
    }
  }

  dispose(): Promise<void> {
    return this.program.dispose();
  }
}
