import * as tf from '@tensorflow/tfjs-core';
import { augmentation, fraction, options, positive, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { mixed } from './chance.js';
import { between } from './range.js';

const schema = z.object({
  sigma: z.tuple([positive, positive]).refine(([low, high]) => low <= high, 'the least comes first').default([0.1, 2])
    .describe('Least and greatest standard deviation of the Gaussian, in pixels'),
  size: z.int().min(1).refine((value) => value % 2 === 1, 'it must be odd').default(23).describe('Pixels in a row of the kernel, odd'),
  probability: fraction.default(0.5).describe('Probability that an image is blurred'),
});

/**
 * x' = G x G^T, row i of G holding exp(-(i - j)^2 / (2 sigma^2)) over |i - j| <= size / 2, scaled to sum to one; the image is
 * mirrored about the middles of its outermost pixels. sigma = U(sigma), drawn for each image.
 *
 * As two matrix products the whole batch is blurred at once, each image by a sigma of its own. The numbers of torchvision's
 * `gaussian_blur`; the defaults are those of the source for 224 pixels (a tenth of the side).
 * Source: Chen et al. 2020, "A simple framework for contrastive learning of visual representations", appendix A.
 */
@augmentation({
  name: 'blur',
  summary: 'Blur some images by a Gaussian of random width',
  reference: 'Chen et al. 2020, A simple framework for contrastive learning of visual representations',
  options: schema,
})
export class Blur implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const { sigma, size, probability } = this.options;
    const sigmas = Array.from({ length: images.shape[0] }, () => between(sigma, random));
    return { images: mixed(images, blurred(images, sigmas, size), probability, random), targets };
  }
}

/** @param sigmas one for each image, pixels */
export function blurred(images: tf.Tensor4D, sigmas: readonly number[], size: number): tf.Tensor4D {
  const [count, height, width, channels] = images.shape;
  const rows = tf.matMul(bands(sigmas, height, size), tf.reshape(images, [count, height, width * channels]));
  const turned = tf.transpose(tf.reshape(rows, [count, height, width, channels]), [0, 2, 1, 3]);
  const columns = tf.matMul(bands(sigmas, width, size), tf.reshape(turned, [count, width, height * channels]));
  return tf.transpose(tf.reshape(columns, [count, width, height, channels]), [0, 2, 1, 3]) as tf.Tensor4D;
}

/** G of each image, [B, length, length]. */
function bands(sigmas: readonly number[], length: number, size: number): tf.Tensor3D {
  const reach = (size - 1) / 2;
  const values = new Float32Array(sigmas.length * length * length);
  sigmas.forEach((sigma, image) => {
    const weights = Array.from({ length: size }, (_, index) => Math.exp(-((index - reach) ** 2) / (2 * sigma * sigma)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    for (let row = 0; row < length; row += 1) {
      weights.forEach((weight, index) => {
        values[(image * length + row) * length + mirrored(row + index - reach, length)]! += weight / sum;
      });
    }
  });
  return tf.tensor3d(values, [sigmas.length, length, length]);
}

/** -1 is 1, length is length - 2, and so on to and fro. */
export function mirrored(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inside = ((index % period) + period) % period;
  return inside < length ? inside : period - inside;
}
