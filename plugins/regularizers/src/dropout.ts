import * as tf from '@tensorflow/tfjs-core';
import { options, regularizer, z, type HeadLayer, type Random, type Regularizer } from '@cultivar/sdk';

const schema = z.object({
  rate: z.number().min(0).lt(1).default(0.5).describe('Share of the features that is dropped, 0 <= rate < 1'),
  scaling: z.enum(['training', 'inference']).default('training').describe('Where features are scaled: by 1 / (1 - rate) in training (inverted), or by 1 - rate at inference (as first published)'),
});

/**
 * Training: y = x * mask / (1 - rate), mask 1 with probability 1 - rate, drawn for each feature of each image anew.
 * Inference: y = x. (Inverted dropout: the mean is kept in training, so that nothing is to be scaled afterwards.)
 * With `scaling: inference`, as the lectures derive it first: y = x * mask in training, y = x * (1 - rate) at inference, which
 * the trainer folds into the classifier.
 *
 * Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".
 */
@regularizer({
  name: 'dropout',
  summary: 'Drop features at random in front of the classifier while training',
  reference: 'Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from overfitting',
  options: schema,
})
export class Dropout implements Regularizer {
  @options() readonly options!: z.infer<typeof schema>;

  headLayers(): HeadLayer[] {
    const { rate, scaling } = this.options;
    const inferenceScale = scaling === 'inference' ? 1 - rate : 1;
    const kept = scaling === 'inference' ? 1 : 1 / (1 - rate);
    return [{
      inferenceScale,
      apply(features: tf.Tensor2D, training: boolean, random: Random): tf.Tensor2D {
        if (!training) return tf.mul(features, inferenceScale);
        if (rate === 0) return tf.clone(features);
        const mask = Float32Array.from({ length: features.size }, () => (random.uniform() < rate ? 0 : kept));
        return tf.mul(features, tf.tensor2d(mask, features.shape));
      },
    }];
  }
}
