import { augmentation, fraction, options, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { between, rangeOf } from './range.js';
import { inverseOf, warp } from './warp.js';

const schema = z.object({
  degrees: rangeOf(-180, 180).default([-15, 15]).describe('Least and greatest angle, in degrees against the clock, -180..180'),
  fill: fraction.default(0.5).describe('What comes in at the corners, 0 black .. 1 white'),
});

/**
 * x'(p) = x(R(-angle) p), p from the middle of the image, angle = U(degrees) against the clock, read bilinearly; drawn for each image.
 *
 * The same pixels as torchvision's `rotate(interpolation=BILINEAR)`. What lies outside the image is `fill`, blended over one pixel.
 * Source: Simard et al. 2003, "Best practices for convolutional neural networks applied to visual document analysis".
 */
@augmentation({
  name: 'rotate',
  summary: 'Turn images by a random angle',
  reference: 'Simard et al. 2003, Best practices for convolutional neural networks applied to visual document analysis',
  options: schema,
})
export class Rotate implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const { degrees, fill } = this.options;
    const matrices = Array.from({ length: images.shape[0] }, () =>
      inverseOf({ angle: -between(degrees, random), translate: [0, 0], scale: 1, shear: [0, 0], centre: [0, 0] }));
    return { images: warp(images, matrices, fill), targets };
  }
}
