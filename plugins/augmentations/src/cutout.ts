import * as tf from '@tensorflow/tfjs-core';
import { augmentation, fraction, options, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { drawRegion, regionMask } from './region.js';

const schema = z.object({
  size: fraction.default(0.5).describe('Side of the square, as a share of the shorter side of the image'),
  fill: fraction.default(0.5).describe('What it is filled with, 0 black .. 1 white; 0.5 is about the mean of normalised images'),
});

/**
 * x' = x * (1 - M) + fill * M, M = 1 in a square about a centre drawn evenly over the image, clipped at the edges;
 * drawn for each image.
 *
 * Source: DeVries & Taylor 2017, "Improved regularization of convolutional neural networks with cutout"; half of the side
 * is their choice for ten classes (16 of 32 px). They fill with 0 after normalisation, which is the mean colour.
 */
@augmentation({
  name: 'cutout',
  summary: 'Blank out a square at a random place of each image',
  reference: 'DeVries & Taylor 2017, Improved regularization of convolutional neural networks with cutout',
  options: schema,
})
export class Cutout implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const { size, fill } = this.options;
    const [count, height, width] = images.shape;
    const side = size * Math.min(height, width);
    const regions = Array.from({ length: count }, () => drawRegion({ height, width }, { height: side, width: side }, random));
    const mask = regionMask(regions, height, width);
    return { images: tf.add(tf.mul(images, tf.sub(1, mask)), tf.mul(mask, fill)), targets };
  }
}
