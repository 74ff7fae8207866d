import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { applied, goldenBatch, record } from '../../../test/conformance/batch.js';
import { draws, moments, tolerance } from '../../../test/conformance/distribution.js';
import { distance, instance, scripted } from '../../../test/conformance/instance.js';
import { changed } from '../../../test/conformance/operations.js';
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, ColorJitter, join, split } from './color-jitter.js';

const [count, height, width] = record.shape;
const adjustments = { brightness: adjustBrightness, contrast: adjustContrast, saturation: adjustSaturation, hue: adjustHue };
const names = Object.keys(adjustments) as (keyof typeof adjustments)[];
const off = { brightness: 0, contrast: 0, saturation: 0, hue: 0 };

describe('color-jitter', () => {
  it('draws factors evenly from the range', () => {
    const { images } = changed(instance(ColorJitter, { ...off, brightness: [0.5, 1.25] }), createRandom(4), { images: Array.from({ length: draws * 3 }, () => 0.5), shape: [draws, 1, 1, 3] });
    const factors = Array.from({ length: draws }, (_, index) => images[index * 3]! * 2);
    expect(Math.abs(moments(factors).mean - 0.875)).toBeLessThan(tolerance(0.75 / Math.sqrt(12)));
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.5);
    expect(Math.max(...factors)).toBeLessThanOrEqual(1.25);
  });

  it.each(names)('%s is torchvision, corners of the colour cube included', (name) => {
    const { factors, images } = record.jitter[name];
    const found = tf.tidy(() => join(adjustments[name](split(goldenBatch().images), tf.tensor2d(factors, [count, 1])), height, width).dataSync());
    // Both in single precision; hue divides by small chromas.
    expect(distance(found, images)).toBeLessThan(3e-6);
  });

  it('draws factors from the range of its strength, for each image', () => {
    const { factors, images } = record.jitter.brightness;
    // Strength 2: the range is 0..3.
    const random = scripted({ permutation: [[0, 1, 2, 3]], uniform: factors.map((factor) => factor / 3) });
    expect(distance(applied(instance(ColorJitter, { ...off, brightness: 2 }), random).images, images)).toBeLessThan(3e-6);
  });

  it('draws hue from both sides of none', () => {
    const { factors, images } = record.jitter.hue;
    const random = scripted({ permutation: [[0, 1, 2, 3]], uniform: factors.map((turn) => turn + 0.5) });
    expect(distance(applied(instance(ColorJitter, { ...off, hue: 0.5 }), random).images, images)).toBeLessThan(3e-6);
  });

  it('applies the four in the order drawn', () => {
    const jitter = instance(ColorJitter, { brightness: 1, contrast: 1, saturation: 0, hue: 0 });
    const draws = [0.9, 0.8, 0.7, 0.6, 0.2, 0.3, 0.4, 0.1];
    const one = applied(jitter, scripted({ permutation: [[0, 1, 2, 3]], uniform: [...draws] })).images;
    const other = applied(jitter, scripted({ permutation: [[1, 0, 2, 3]], uniform: [...draws] })).images;
    expect(distance(one, other)).toBeGreaterThan(0.1);
  });

  it('without strength is identity', () => {
    expect(distance(applied(instance(ColorJitter, off), createRandom(0)).images, record.images)).toBeLessThan(1e-7);
  });
});
