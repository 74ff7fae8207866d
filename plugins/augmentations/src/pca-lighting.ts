import * as tf from '@tensorflow/tfjs-core';
import { augmentation, nonNegative, options, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { eigenOf, type Eigen } from './eigen.js';

const schema = z.object({
  sigma: nonNegative.default(0.1).describe('Standard deviation of the factors of the eigenvalues'),
});

/**
 * x' = clip(x + [p1 p2 p3] [a1 l1, a2 l2, a3 l3]^T, 0, 1), added to every pixel; p and l are eigenvectors and eigenvalues of the
 * covariance of RGB over all pixels of the training images (values 0..1), a ~ N(0, sigma^2), drawn for each image.
 *
 * The covariance is measured on the images that `prepare` is given; Krizhevsky measured that of ImageNet.
 * Source: Krizhevsky et al. 2012, "ImageNet classification with deep convolutional neural networks", section 4.1.
 */
@augmentation({
  name: 'pca-lighting',
  summary: 'Shift colours along the principal components of the dataset',
  reference: 'Krizhevsky et al. 2012, ImageNet classification with deep convolutional neural networks',
  options: schema,
})
export class PcaLighting implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;
  private eigen: Eigen | undefined;

  prepare(images: tf.Tensor4D): void {
    this.eigen = eigenOf(colourCovariance(images));
  }

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    if (!this.eigen) throw new Error('pca-lighting has not seen the dataset: prepare() comes before apply()');
    const { values, vectors } = this.eigen;
    const shifts = Array.from({ length: images.shape[0] }, () => {
      const along = values.map((value) => value * this.options.sigma * random.normal());
      return [0, 1, 2].map((channel) => along.reduce((sum, length, index) => sum + length * vectors[index]![channel]!, 0));
    });
    return { images: tf.clipByValue(tf.add(images, tf.tensor4d(shifts.flat(), [images.shape[0], 1, 1, 3])), 0, 1) as tf.Tensor4D, targets };
  }
}

/** Covariance of red, green and blue over all pixels, [3][3]. @param images [B, H, W, 3] */
export function colourCovariance(images: tf.Tensor4D): number[][] {
  const flat = tf.tidy(() => {
    const pixels = tf.reshape(images, [images.size / 3, 3]);
    const centred = tf.sub(pixels, tf.mean(pixels, 0));
    return tf.div(tf.matMul(centred, centred, true, false), pixels.shape[0]).dataSync();
  });
  return [0, 1, 2].map((row) => [0, 1, 2].map((column) => flat[row * 3 + column]!));
}
