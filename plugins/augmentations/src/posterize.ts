import * as tf from '@tensorflow/tfjs-core';
import { augmentation, fraction, options, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { mixed } from './chance.js';

const schema = z.object({
  bits: z.int().min(1).max(8).default(4).describe('Bits that are kept of each channel, 1..8'),
  probability: fraction.default(0.5).describe('Probability that an image is changed'),
});

/**
 * x' = min(floor(2^bits x), 2^bits - 1) / 2^bits. torchvision's `posterize`; of 8-bit values the highest bits stay.
 *
 * Source: Cubuk et al. 2019, "AutoAugment: learning augmentation strategies from data", table of operations.
 */
@augmentation({
  name: 'posterize',
  summary: 'Keep only the highest bits of every channel',
  reference: 'Cubuk et al. 2019, AutoAugment: learning augmentation strategies from data',
  options: schema,
})
export class Posterize implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const levels = 2 ** this.options.bits;
    const kept = tf.div(tf.clipByValue(tf.floor(tf.mul(images, levels)), 0, levels - 1), levels) as tf.Tensor4D;
    return { images: mixed(images, kept, this.options.probability, random), targets };
  }
}
