import * as tf from '@tensorflow/tfjs-core';
import { augmentation, nonNegative, options, z, type Augmentation, type LabelledBatch, type Random } from '@cultivar/sdk';
import { between, rangeOf, type Range } from './range.js';

const strength = z.union([nonNegative, rangeOf(0, Infinity)]);
const schema = z.object({
  brightness: strength.default(0.4).describe('Factor drawn from max(0, 1 - brightness) .. 1 + brightness, or from the two numbers given'),
  contrast: strength.default(0.4).describe('Factor drawn from max(0, 1 - contrast) .. 1 + contrast, or from the two numbers given'),
  saturation: strength.default(0.4).describe('Factor drawn from max(0, 1 - saturation) .. 1 + saturation, or from the two numbers given'),
  hue: z.union([z.number().min(0).max(0.5), rangeOf(-0.5, 0.5)]).default(0.1)
    .describe('Shift drawn from -hue .. hue, in turns of the colour circle, at most 0.5, or from the two numbers given'),
});

/** Red, green and blue apart, each [B, H*W]: whole planes are many times faster than every third number. */
export type Planes = [red: tf.Tensor2D, green: tf.Tensor2D, blue: tf.Tensor2D];

/**
 * brightness: x * f;  contrast: f * x + (1 - f) * mean(grey(x));  saturation: f * x + (1 - f) * grey(x), f = 1 +- strength,
 * grey = 0.299 R + 0.587 G + 0.114 B;  hue: a turn of the colour circle in HSV. Clipped to 0..1 after each.
 *
 * Definitions and ranges are those of torchvision's `ColorJitter`. Factors are drawn for each image, the order of the four for
 * each batch. Default strengths are those of common ImageNet recipes: 0.4 each, and a tenth of a turn.
 * Source: Howard 2013, "Some improvements on deep convolutional neural network based image classification".
 */
@augmentation({
  name: 'color-jitter',
  summary: 'Change brightness, contrast, saturation and hue at random',
  reference: 'Howard 2013, Some improvements on deep convolutional neural network based image classification',
  options: schema,
})
export class ColorJitter implements Augmentation {
  @options() readonly options!: z.infer<typeof schema>;

  apply({ images, targets }: LabelledBatch, random: Random): LabelledBatch {
    const [count, height, width] = images.shape;
    const changes = [
      { strength: this.options.brightness, least: 0, change: adjustBrightness, centre: 1 },
      { strength: this.options.contrast, least: 0, change: adjustContrast, centre: 1 },
      { strength: this.options.saturation, least: 0, change: adjustSaturation, centre: 1 },
      { strength: this.options.hue, least: -0.5, change: adjustHue, centre: 0 },
    ];
    let planes = split(images);
    for (const index of random.permutation(changes.length)) {
      const { strength, least, change, centre } = changes[index]!;
      if (strength === 0) continue;
      const range: Range = Array.isArray(strength) ? strength : [Math.max(least, centre - strength), centre + strength];
      const factors = Array.from({ length: count }, () => between(range, random));
      planes = change(planes, tf.tensor2d(factors, [count, 1]));
    }
    return { images: join(planes, height, width), targets };
  }
}

/** [B, H, W, 3] to planes. */
export function split(images: tf.Tensor4D): Planes {
  const [count, height, width] = images.shape;
  const planar = tf.transpose(tf.reshape(images, [count * height * width, 3]), [1, 0]);
  const plane = (channel: number) => tf.reshape(tf.slice(planar, [channel, 0], [1, -1]), [count, height * width]) as tf.Tensor2D;
  return [plane(0), plane(1), plane(2)];
}

/** Planes to [B, H, W, 3]. */
export function join(planes: Planes, height: number, width: number): tf.Tensor4D {
  const count = planes[0].shape[0];
  const planar = tf.reshape(tf.concat(planes, 0), [3, count * height * width]);
  return tf.reshape(tf.transpose(planar, [1, 0]), [count, height, width, 3]);
}

/** @param factors [B, 1], >= 0 */
export function adjustBrightness(planes: Planes, factors: tf.Tensor2D): Planes {
  return map(planes, (plane) => clip(tf.mul(plane, factors)));
}

/** @param factors [B, 1], >= 0 */
export function adjustContrast(planes: Planes, factors: tf.Tensor2D): Planes {
  const rest = tf.mul(tf.mean(grey(planes), 1, true), tf.sub(1, factors));
  return map(planes, (plane) => clip(tf.add(tf.mul(plane, factors), rest)));
}

/** @param factors [B, 1], >= 0 */
export function adjustSaturation(planes: Planes, factors: tf.Tensor2D): Planes {
  const rest = tf.mul(grey(planes), tf.sub(1, factors));
  return map(planes, (plane) => clip(tf.add(tf.mul(plane, factors), rest)));
}

/**
 * To HSV, hue turned, and back. With value v (the largest channel), chroma c (largest less smallest) and hue h in sixths:
 * channel n = v - c * clip(2 - |k - 2|, 0, 1), k = (n + h) mod 6, n = 5, 3, 1 for red, green, blue.
 * @param turns [B, 1], -0.5..0.5
 */
export function adjustHue(planes: Planes, turns: tf.Tensor2D): Planes {
  const [red, green, blue] = planes;
  const value = larger(larger(red, green), blue);
  const chroma = tf.relu(tf.sub(value, smaller(smaller(red, green), blue)));
  // Grey has no hue: 0 / 1.
  const divisor = tf.add(tf.sub(chroma, tf.step(chroma)), 1);
  const sixth = (after: tf.Tensor, before: tf.Tensor, offset: number) => tf.add(tf.div(tf.sub(after, before), divisor), offset);
  const blueLeads = tf.step(tf.sub(blue, larger(red, green)));
  const hue = choose(blueLeads, sixth(red, green, 4),
    choose(tf.step(tf.sub(green, red)), sixth(blue, red, 2), sixth(green, blue, 0)));
  const turned = tf.add(hue, tf.mul(turns, 6));
  const channel = (n: number): tf.Tensor2D => {
    const sum = tf.add(turned, n);
    const k = tf.sub(sum, tf.mul(tf.floor(tf.div(sum, 6)), 6));
    return tf.sub(value, tf.mul(chroma, clip(tf.sub(2, tf.abs(tf.sub(k, 2))))));
  };
  return [channel(5), channel(3), channel(1)];
}

/*
 * Put together from additions and relu: on the wasm backend `maximum`, `minimum`, `where` and `mod` take 30 to 100 times as
 * long. Roundings do no harm, as hue goes over smoothly from one case to the next.
 */
const larger = (a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D => tf.add(a, tf.relu(tf.sub(b, a)));
const smaller = (a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D => tf.sub(a, tf.relu(tf.sub(a, b)));
/** @param condition 0 or 1 */
const choose = (condition: tf.Tensor, yes: tf.Tensor, no: tf.Tensor): tf.Tensor => tf.add(no, tf.mul(condition, tf.sub(yes, no)));

function grey([red, green, blue]: Planes): tf.Tensor2D {
  return tf.add(tf.add(tf.mul(red, 0.2989), tf.mul(green, 0.587)), tf.mul(blue, 0.114));
}

function clip<T extends tf.Tensor>(values: T): T {
  return tf.clipByValue(values, 0, 1);
}

function map([red, green, blue]: Planes, change: (plane: tf.Tensor2D) => tf.Tensor2D): Planes {
  return [change(red), change(green), change(blue)];
}
