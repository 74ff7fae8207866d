import { augmentation, fraction, options, positive, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { between, rangeOf } from './range.js';
import { inverseOf, warp, type AffineMap } from './warp.js';

const share = rangeOf(-1, 1);
const shear = rangeOf(-89, 89);
const schema = z.object({
  degrees: rangeOf(-180, 180).default([-10, 10]).describe('Least and greatest angle, in degrees with the clock, -180..180'),
  translateX: share.default([-0.1, 0.1]).describe('Least and greatest shift to the right, as shares of the width, -1..1; rounded to whole pixels'),
  translateY: share.default([-0.1, 0.1]).describe('Least and greatest shift down, as shares of the height, -1..1; rounded to whole pixels'),
  scale: z.tuple([positive, positive]).refine(([low, high]) => low <= high, 'the least comes first').default([0.9, 1.1]).describe('Least and greatest scale, above 0'),
  shearX: shear.default([0, 0]).describe('Least and greatest shear of the rows, in degrees, -89..89'),
  shearY: shear.default([0, 0]).describe('Least and greatest shear of the columns, in degrees, -89..89'),
  centre: z.tuple([fraction, fraction]).default([0.5, 0.5]).describe('The point that rotation, scale and shear leave where it is: shares of width and height'),
  fill: fraction.default(0.5).describe('What comes in at the edges, 0 black .. 1 white'),
});

/**
 * x'(p) = x(M^-1 p), M = translation * rotation * scale * shear about `centre`; each drawn evenly from its range, for each
 * image; read bilinearly.
 *
 * The same pixels as torchvision's `affine(interpolation=BILINEAR)`, the same draws as its `RandomAffine` (shifts in whole pixels).
 * What lies outside the image is `fill`, blended over one pixel.
 * Source: Simard et al. 2003, "Best practices for convolutional neural networks applied to visual document analysis".
 */
@augmentation({
  name: 'affine',
  summary: 'Rotate, shift, scale and shear images at random',
  reference: 'Simard et al. 2003, Best practices for convolutional neural networks applied to visual document analysis',
  options: schema,
})
export class Affine implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const [count, height, width] = images.shape;
    const matrices = Array.from({ length: count }, () => inverseOf(this.draw(height, width, random)));
    return { images: warp(images, matrices, this.options.fill), targets };
  }

  /** One image's map, its parts drawn in the order of the options. */
  draw(height: number, width: number, random: Random): AffineMap {
    const { degrees, translateX, translateY, scale, shearX, shearY, centre } = this.options;
    return {
      angle: between(degrees, random),
      translate: [Math.round(width * between(translateX, random)), Math.round(height * between(translateY, random))],
      scale: between(scale, random),
      shear: [between(shearX, random), between(shearY, random)],
      centre: [(centre[0] - 0.5) * width, (centre[1] - 0.5) * height],
    };
  }
}
