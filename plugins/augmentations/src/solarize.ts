import * as tf from '@tensorflow/tfjs-core';
import { augmentation, fraction, options, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { mixed } from './chance.js';

const schema = z.object({
  threshold: fraction.default(0.5).describe('Values at or above it are inverted, 0..1'),
  probability: fraction.default(0.5).describe('Probability that an image is changed'),
});

/**
 * x' = 1 - x where x >= threshold, else x. torchvision's `solarize`.
 *
 * Source: Cubuk et al. 2019, "AutoAugment: learning augmentation strategies from data", table of operations.
 */
@augmentation({
  name: 'solarize',
  summary: 'Invert the bright values',
  reference: 'Cubuk et al. 2019, AutoAugment: learning augmentation strategies from data',
  options: schema,
})
export class Solarize implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const bright = tf.cast(tf.greaterEqual(images, this.options.threshold), 'float32');
    const inverted = tf.add(tf.mul(images, tf.sub(1, bright)), tf.mul(tf.sub(1, images), bright)) as tf.Tensor4D;
    return { images: mixed(images, inverted, this.options.probability, random), targets };
  }
}
