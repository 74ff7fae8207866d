import * as tf from '@tensorflow/tfjs-core';
import { augmentation, nonNegative, options, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';

const schema = z.object({
  sigma: nonNegative.default(0.1).describe('Standard deviation, in units of the range black 0 .. white 1'),
  mean: z.number().default(0).describe('Mean of the noise'),
});

/**
 * x' = clip(x + e, 0, 1), e ~ N(mean, sigma^2), drawn for each channel of each pixel. torchvision's `GaussianNoise`.
 *
 * Small noise on the inputs is Tikhonov regularization of the network's slope.
 * Source: Bishop 1995, "Training with noise is equivalent to Tikhonov regularization".
 */
@augmentation({
  name: 'noise',
  summary: 'Add Gaussian noise to every pixel',
  reference: 'Bishop 1995, Training with noise is equivalent to Tikhonov regularization',
  options: schema,
})
export class Noise implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const { sigma, mean } = this.options;
    const noise = tf.randomNormal<tf.Rank.R4>(images.shape, mean, sigma, 'float32', random.seed());
    return { images: tf.clipByValue(tf.add(images, noise), 0, 1), targets };
  }
}
