import * as tf from '@tensorflow/tfjs-core';
import { augmentation, fraction, options, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { mixed } from './chance.js';

const schema = z.object({
  probability: fraction.default(0.5).describe('Probability that an image is changed'),
});

/**
 * x' = (x - min) / (max - min), for each channel of each image; a channel of one value stays. torchvision's `autocontrast`.
 *
 * Source: Cubuk et al. 2019, "AutoAugment: learning augmentation strategies from data", table of operations.
 */
@augmentation({
  name: 'auto-contrast',
  summary: 'Stretch every channel to the full range',
  reference: 'Cubuk et al. 2019, AutoAugment: learning augmentation strategies from data',
  options: schema,
})
export class AutoContrast implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const least = tf.min(images, [1, 2], true);
    const spread = tf.sub(tf.max(images, [1, 2], true), least);
    // Of a channel of one value: x - 0 over 1.
    const varies = tf.step(spread);
    const stretched = tf.div(tf.sub(images, tf.mul(least, varies)), tf.add(spread, tf.sub(1, varies)));
    return { images: mixed(images, tf.clipByValue(stretched, 0, 1) as tf.Tensor4D, this.options.probability, random), targets };
  }
}
