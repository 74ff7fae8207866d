import * as tf from '@tensorflow/tfjs-core';
import { augmentation, fraction, options, positive, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { between, rangeOf } from './range.js';
import { regionMask, type Region } from './region.js';

const schema = z.object({
  probability: fraction.default(0.5).describe('Probability that a rectangle of an image is erased'),
  scale: rangeOf(0, 1).default([0.02, 0.33]).describe('Least and greatest share of the area that is erased'),
  ratio: z.tuple([positive, positive]).refine(([low, high]) => low <= high, 'the least comes first').default([0.3, 3.3])
    .describe('Least and greatest height over width of the rectangle'),
  value: z.union([fraction, z.enum(['random', 'pixel'])]).default(0.5)
    .describe('What it is filled with: a grey 0..1, one random colour an image (random), or noise (pixel)'),
});

/**
 * x' = x * (1 - M) + v * M, M = 1 in a rectangle inside the image: area = H * W * U(scale), log(height / width) = U(log ratio);
 * drawn for each image, with the given probability. Where ten tries give none that fits, the image stays.
 *
 * Drawn as torchvision's and timm's `RandomErasing` draw it; 0.5 is about the mean of normalised images, for which they write 0.
 * Random colours and noise are even in 0..1, where timm has normal values after normalisation.
 * Source: Zhong et al. 2020, "Random erasing data augmentation".
 */
@augmentation({
  name: 'random-erasing',
  summary: 'Erase a rectangle of random size, shape and place in some images',
  reference: 'Zhong et al. 2020, Random erasing data augmentation',
  options: schema,
})
export class RandomErasing implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const [count, height, width] = images.shape;
    const regions = Array.from({ length: count }, () => this.draw(height, width, random));
    const mask = regionMask(regions, height, width);
    return { images: tf.add(tf.mul(images, tf.sub(1, mask)), tf.mul(mask, this.filling(images.shape, random))), targets };
  }

  /** A rectangle for one image; an empty one where nothing is erased. */
  draw(height: number, width: number, random: Random): Region {
    const { probability, scale, ratio } = this.options;
    const none = { top: 0, bottom: 0, left: 0, right: 0 };
    if (random.uniform() >= probability) return none;
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const area = height * width * between(scale, random);
      const aspect = Math.exp(between([Math.log(ratio[0]), Math.log(ratio[1])], random));
      const rows = Math.round(Math.sqrt(area * aspect));
      const columns = Math.round(Math.sqrt(area / aspect));
      if (rows >= height || columns >= width) continue;
      const top = random.integer(height - rows + 1);
      const left = random.integer(width - columns + 1);
      return { top, bottom: top + rows, left, right: left + columns };
    }
    return none;
  }

  private filling(shape: [number, number, number, number], random: Random): tf.Tensor {
    const { value } = this.options;
    if (typeof value === 'number') return tf.scalar(value);
    return tf.randomUniform(value === 'pixel' ? shape : [shape[0], 1, 1, 3], 0, 1, 'float32', random.seed());
  }
}
