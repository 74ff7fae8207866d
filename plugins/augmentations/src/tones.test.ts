import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { draws, moments, tolerance } from '../../../test/conformance/distribution.js';
import { distance, instance } from '../../../test/conformance/instance.js';
import { changed, record } from '../../../test/conformance/operations.js';
import { AutoContrast } from './auto-contrast.js';
import { Equalize } from './equalize.js';
import { Posterize } from './posterize.js';
import { Sharpness } from './sharpness.js';
import { Solarize } from './solarize.js';

const random = () => createRandom(0);

describe('tones', () => {
  it.each(record.sharpness)('sharpness is torchvision, edges included: $factor', ({ factor, images }) => {
    expect(distance(changed(instance(Sharpness, { factor: [factor, factor] }), random()).images, images)).toBeLessThan(1e-6);
  });
  it.each(record.posterize)('posterize is torchvision: $bits bits', ({ bits, images }) => {
    expect(distance(changed(instance(Posterize, { bits, probability: 1 }), random()).images, images)).toBeLessThan(1e-7);
  });
  it.each(record.solarize)('solarize is torchvision: $threshold', ({ threshold, images }) => {
    expect(distance(changed(instance(Solarize, { threshold, probability: 1 }), random()).images, images)).toBeLessThan(1e-7);
  });
  it('auto-contrast is torchvision, a channel of one value included', () => {
    expect(distance(changed(instance(AutoContrast, { probability: 1 }), random()).images, record.autoContrast)).toBeLessThan(1e-6);
  });
  it('equalize is torchvision to the bit', () => {
    const { shape, bytes, equalized } = record.equalize;
    const { images } = changed(instance(Equalize, { probability: 1 }), random(), { images: bytes.map((byte) => byte / 255), shape });
    expect([...images].map((value) => Math.round(value * 255))).toEqual(equalized);
  });

  it.each([
    ['posterize', instance(Posterize, { bits: 1 }), [0.6, 0.6, 0.6]], ['solarize', instance(Solarize), [0.6, 0.6, 0.6]],
    ['auto-contrast', instance(AutoContrast), [0.2, 0.2, 0.2, 0.4, 0.4, 0.4]], ['equalize', instance(Equalize), [0.5, 0.5, 0.5]],
  ])('%s changes half of the images, the others not at all', (_name, augmentation, image) => {
    const { images } = changed(augmentation, createRandom(3), { images: Array.from({ length: draws }, () => image).flat(), shape: [draws, 1, image.length / 3, 3] });
    const firsts = Array.from({ length: draws }, (_, index) => images[index * image.length]!);
    expect(new Set(firsts).size).toBe(2);
    expect(Math.abs(firsts.filter((value) => value === Math.fround(image[0]!)).length / draws - 0.5)).toBeLessThan(tolerance(0.5));
  });

  it('sharpness draws factors evenly', () => {
    const point = [0, 0, 0, 0, 1, 0, 0, 0, 0].flatMap((value) => [value / 2, value / 2, value / 2]);
    const { images } = changed(instance(Sharpness, { factor: [0.2, 1] }), createRandom(3), { images: Array.from({ length: draws }, () => point).flat(), shape: [draws, 3, 3, 3] });
    // The middle: s = 5/26, x = 1/2.
    const factors = Array.from({ length: draws }, (_, index) => (images[index * 27 + 12]! - 5 / 26) / (1 / 2 - 5 / 26));
    expect(Math.abs(moments(factors).mean - 0.6)).toBeLessThan(tolerance(0.8 / Math.sqrt(12)));
  });
});
