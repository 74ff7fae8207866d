import * as tf from '@tensorflow/tfjs-core';
import { augmentation, fraction, options, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { mirrored } from './blur.js';

const schema = z.object({
  padding: fraction.default(0.125).describe('Added on every side, as a share of that side; rounded to whole pixels'),
  mode: z.enum(['constant', 'reflect', 'edge']).default('constant').describe('What is added: fill, the image mirrored about its outermost pixels, or these repeated'),
  fill: fraction.default(0.5).describe('Of mode constant: 0 black .. 1 white'),
});

/**
 * x'[i, j] = padded[i + top, j + left], top = 0..2p, left = 0..2q, p and q rows and columns of padding on every side; drawn evenly,
 * for each image: the image is shifted by up to p rows and q columns, and not scaled.
 *
 * torchvision's `RandomCrop(size, padding, padding_mode)`. An eighth on every side is 4 pixels of 32, the usual choice on CIFAR.
 * Source: He et al. 2016, "Deep residual learning for image recognition", section 4.2.
 */
@augmentation({
  name: 'padded-crop',
  summary: 'Pad images and cut them out again at a random place (shift)',
  reference: 'He et al. 2016, Deep residual learning for image recognition',
  options: schema,
})
export class PaddedCrop implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const { padding, mode, fill } = this.options;
    const [count, height, width, channels] = images.shape;
    const [above, beside] = [Math.round(padding * height), Math.round(padding * width)];
    // One row of fill behind the pixels: what a place outside reads in mode constant.
    const pixels = tf.concat([tf.reshape(images, [count * height * width, channels]), tf.fill([1, channels], fill)], 0);
    const places = new Int32Array(count * height * width);
    for (let image = 0; image < count; image += 1) {
      const top = random.integer(2 * above + 1) - above;
      const left = random.integer(2 * beside + 1) - beside;
      for (let row = 0; row < height; row += 1) {
        const y = inside(row + top, height, mode);
        for (let column = 0; column < width; column += 1) {
          const x = inside(column + left, width, mode);
          places[(image * height + row) * width + column] = y < 0 || x < 0 ? count * height * width : (image * height + y) * width + x;
        }
      }
    }
    return { images: tf.reshape(tf.gather(pixels, tf.tensor1d(places, 'int32')), images.shape), targets };
  }
}

/** Which pixel stands at a place in or beside the image; -1: none. */
function inside(place: number, length: number, mode: 'constant' | 'reflect' | 'edge'): number {
  if (place >= 0 && place < length) return place;
  if (mode === 'constant') return -1;
  return mode === 'edge' ? Math.min(length - 1, Math.max(0, place)) : mirrored(place, length);
}
