import * as tf from '@tensorflow/tfjs-core';
import { options, regularizer, z, type HeadLayer, type Random, type Regularizer } from '@cultivar/sdk';

const schema = z.object({
  rate: z.number().min(0).lt(1).default(0.5).describe('Share of the features that is dropped, 0 <= rate < 1'),
});

/**
 * Training: y = x * mask / (1 - rate), mask 1 with probability 1 - rate, drawn for each feature of each image anew.
 * Inference: y = x. (Inverted dropout: the mean is kept in training, so that nothing is to be scaled afterwards.)
 *
 * Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".
 */
@regularizer({
  name: 'dropout',
  summary: 'Drop features at random in front of the classifier while training (inverted)',
  reference: 'Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from overfitting',
  options: schema,
})
export class Dropout implements Regularizer {
  @options() readonly options!: z.infer<typeof schema>;

  headLayers(): HeadLayer[] {
    const { rate } = this.options;
    return [{
      apply(features: tf.Tensor2D, training: boolean, random: Random): tf.Tensor2D {
        if (!training || rate === 0) return tf.clone(features);
        const scale = 1 / (1 - rate);
        const mask = Float32Array.from({ length: features.size }, () => (random.uniform() < rate ? 0 : scale));
        return tf.mul(features, tf.tensor2d(mask, features.shape));
      },
    }];
  }
}
