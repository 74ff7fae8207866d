import * as tf from '@tensorflow/tfjs-core';
import { augmentation, nonNegative, options, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { between } from './range.js';

const schema = z.object({
  factor: z.tuple([nonNegative, nonNegative]).refine(([low, high]) => low <= high, 'the least comes first').default([0.1, 1.9])
    .describe('Least and greatest factor: 0 smoothed, 1 as it is, 2 sharpened'),
});

/**
 * x' = clip(s + f (x - s), 0, 1), s = x smoothed by [1 1 1; 1 5 1; 1 1 1] / 13, the outermost pixels as they are; f = U(factor),
 * drawn for each image. torchvision's and Pillow's sharpness.
 *
 * Source: Cubuk et al. 2019, "AutoAugment: learning augmentation strategies from data", table of operations.
 */
@augmentation({
  name: 'sharpness',
  summary: 'Smooth or sharpen images at random',
  reference: 'Cubuk et al. 2019, AutoAugment: learning augmentation strategies from data',
  options: schema,
})
export class Sharpness implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const [count, height, width] = images.shape;
    const factors = Array.from({ length: count }, () => between(this.options.factor, random));
    if (height <= 2 || width <= 2) return { images: tf.clone(images), targets };
    const kernel = tf.tensor4d([1, 1, 1, 1, 5, 1, 1, 1, 1].flatMap((weight) => [weight / 13, weight / 13, weight / 13]), [3, 3, 3, 1]);
    const inner = tf.slice(images, [0, 1, 1, 0], [-1, height - 2, width - 2, -1]);
    const smoothed = tf.depthwiseConv2d(images, kernel, 1, 'valid');
    // Zero at the rim: there x - s is none.
    const detail = tf.pad(tf.sub(inner, smoothed), [[0, 0], [1, 1], [1, 1], [0, 0]]);
    const share = tf.tensor4d(factors.map((factor) => factor - 1), [count, 1, 1, 1]);
    return { images: tf.clipByValue(tf.add(images, tf.mul(detail, share)), 0, 1), targets };
  }
}
