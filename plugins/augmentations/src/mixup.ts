import * as tf from '@tensorflow/tfjs-core';
import { augmentation, fraction, options, positive, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { reorder } from './sampling.js';

const schema = z.object({
  alpha: positive.default(0.2).describe('Both parameters of the Beta distribution; small: mostly one image, 1: any mixture alike'),
  probability: fraction.default(1).describe('Probability that a batch is mixed'),
});

/**
 * x' = lambda * x + (1 - lambda) * x[p];  y' = lambda * y + (1 - lambda) * y[p];  lambda ~ Beta(alpha, alpha),
 * p a random permutation of the batch. One lambda and one permutation for each batch, as in the authors' code.
 *
 * Source: Zhang et al. 2018, "mixup: beyond empirical risk minimization" (alpha 0.1 to 0.4 on ImageNet).
 */
@augmentation({
  name: 'mixup',
  summary: 'Blend each image and its target with those of another image of the batch',
  reference: 'Zhang et al. 2018, mixup: beyond empirical risk minimization',
  options: schema,
})
export class Mixup implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply(batch: LabelledBatch, random: Random): LabelledBatch {
    const { alpha, probability } = this.options;
    if (random.uniform() >= probability) return batch;
    const lambda = random.beta(alpha, alpha);
    const order = random.permutation(batch.images.shape[0]);
    return {
      images: blend(batch.images, reorder(batch.images, order), lambda),
      targets: blend(batch.targets, tf.gather(batch.targets, order), lambda),
    };
  }
}

/** share * one + (1 - share) * other. */
export function blend<T extends tf.Tensor>(one: T, other: T, share: number): T {
  return tf.add(tf.mul(one, share), tf.mul(other, 1 - share));
}
