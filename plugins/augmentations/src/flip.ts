import { augmentation, fraction, options, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { sample, type Box } from './sampling.js';

const schema = z.object({
  horizontal: fraction.default(0.5).describe('Probability that an image is mirrored left to right'),
  vertical: fraction.default(0).describe('Probability that an image is turned upside down'),
});

/**
 * x'[i, j] = x[i, W-1-j] with probability `horizontal`, and x[H-1-i, j] with probability `vertical`; drawn for each image.
 *
 * Source: Krizhevsky et al. 2012, "ImageNet classification with deep convolutional neural networks", section 4.1.
 */
@augmentation({
  name: 'flip',
  summary: 'Mirror images at random, left to right or upside down',
  reference: 'Krizhevsky et al. 2012, ImageNet classification with deep convolutional neural networks',
  options: schema,
})
export class Flip implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const { horizontal, vertical } = this.options;
    const boxes = Array.from({ length: images.shape[0] }, (): Box => {
      const mirrored = random.uniform() < horizontal;
      const upsideDown = random.uniform() < vertical;
      return [upsideDown ? 1 : 0, mirrored ? 1 : 0, upsideDown ? 0 : 1, mirrored ? 0 : 1];
    });
    return { images: sample(images, boxes), targets };
  }
}
