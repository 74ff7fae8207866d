import * as tf from '@tensorflow/tfjs-core';
import { augmentation, fraction, options, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { mixed } from './chance.js';

const schema = z.object({
  probability: fraction.default(0.1).describe('Probability that an image is made grey'),
});

/**
 * R' = G' = B' = 0.2989 R + 0.587 G + 0.114 B, with the given probability, drawn for each image.
 *
 * The luma of ITU-R BT.601 in the digits of torchvision's `rgb_to_grayscale`.
 * Source: Chen et al. 2020, "A simple framework for contrastive learning of visual representations", appendix A.
 */
@augmentation({
  name: 'grayscale',
  summary: 'Take the colour out of some images',
  reference: 'Chen et al. 2020, A simple framework for contrastive learning of visual representations',
  options: schema,
})
export class Grayscale implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const [count, height, width] = images.shape;
    const pixels = tf.reshape(images, [count * height * width, 3]);
    const luma = tf.matMul(pixels, tf.tensor2d([0.2989, 0.587, 0.114].flatMap((weight) => [weight, weight, weight]), [3, 3]));
    return { images: mixed(images, tf.reshape(luma, images.shape), this.options.probability, random), targets };
  }
}
