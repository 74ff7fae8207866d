import * as tf from '@tensorflow/tfjs-core';
import { augmentation, fraction, options, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { mixed } from './chance.js';

const schema = z.object({
  probability: fraction.default(0.5).describe('Probability that an image is changed'),
});

/**
 * x' = lut[x], lut[k] = min(255, floor((cumulative(k - 1) + floor(step / 2)) / step)), step = floor((pixels - those of the greatest
 * value) / 255), of 8-bit values, for each channel of each image: a histogram that is as flat as whole values allow. Where step
 * is none, the channel stays. Pillow's and torchvision's `equalize`, to the bit.
 *
 * Source: Cubuk et al. 2019, "AutoAugment: learning augmentation strategies from data", table of operations.
 */
@augmentation({
  name: 'equalize',
  summary: 'Flatten the histogram of every channel',
  reference: 'Cubuk et al. 2019, AutoAugment: learning augmentation strategies from data',
  options: schema,
})
export class Equalize implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const [count, height, width] = images.shape;
    // Histograms are counted here: no operator of tfjs counts by image and channel.
    const values = Uint8Array.from(images.dataSync<'float32'>(), (value) => Math.min(255, Math.floor(value * 255.999)));
    const result = new Float32Array(values.length);
    const pixels = height * width;
    for (let plane = 0; plane < count * 3; plane += 1) {
      const first = Math.floor(plane / 3) * pixels * 3 + (plane % 3);
      const histogram = new Float64Array(256);
      for (let pixel = 0; pixel < pixels; pixel += 1) histogram[values[first + pixel * 3]!]! += 1;
      const table = lookup(histogram, pixels);
      for (let pixel = 0; pixel < pixels; pixel += 1) result[first + pixel * 3] = table[values[first + pixel * 3]!]! / 255;
    }
    return { images: mixed(images, tf.tensor4d(result, images.shape), this.options.probability, random), targets };
  }
}

function lookup(histogram: Float64Array, pixels: number): number[] {
  const greatest = histogram.findLastIndex((number) => number > 0);
  const step = Math.floor((pixels - histogram[greatest]!) / 255);
  if (step === 0) return Array.from(histogram, (_, value) => value);
  let below = Math.floor(step / 2);
  return Array.from(histogram, (number) => {
    const value = Math.min(255, Math.floor(below / step));
    below += number;
    return value;
  });
}
