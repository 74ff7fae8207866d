import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { draws, moments, tolerance } from '../../../test/conformance/distribution.js';
import { distance, instance, scripted } from '../../../test/conformance/instance.js';
import { changed, record } from '../../../test/conformance/operations.js';
import { Affine } from './affine.js';

const [count, height, width] = record.shape;
const both = (value: number): [number, number] => [value, value];

describe('affine', () => {
  it.each(record.affine)('is torchvision: $degrees degrees, $translate pixels, scale $scale, shear $shear, about the corner: $corner', ({ degrees, translate, scale, shear, corner, images }) => {
    const affine = instance(Affine, {
      degrees: both(degrees), translateX: both(translate[0] / width), translateY: both(translate[1] / height), scale: both(scale),
      shearX: both(shear[0]), shearY: both(shear[1]), centre: corner ? [0, 0] : [0.5, 0.5], fill: 0,
    });
    const found = changed(affine, scripted({ uniform: Array.from({ length: 6 * count }, () => 0.5) })).images;
    expect(distance(found, images)).toBeLessThan(5e-6);
  });

  it('draws every part evenly from its range', () => {
    const random = createRandom(4);
    const affine = instance(Affine, { degrees: [-30, 10], translateX: [-0.2, 0.2], translateY: [0, 0.5], scale: [0.8, 1.4], shearX: [-20, 0], shearY: [5, 6] });
    const drawn = Array.from({ length: draws }, () => affine.draw(1000, 1000, random));
    const even = (values: number[], least: number, greatest: number) => {
      expect(Math.abs(moments(values).mean - (least + greatest) / 2)).toBeLessThan(tolerance((greatest - least) / Math.sqrt(12)));
      expect(Math.min(...values)).toBeGreaterThanOrEqual(least);
      expect(Math.max(...values)).toBeLessThanOrEqual(greatest);
    };
    even(drawn.map(({ angle }) => angle), -30, 10);
    even(drawn.map(({ translate }) => translate[0]), -200, 200);
    even(drawn.map(({ translate }) => translate[1]), 0, 500);
    even(drawn.map(({ scale }) => scale), 0.8, 1.4);
    even(drawn.map(({ shear }) => shear[0]), -20, 0);
    even(drawn.map(({ shear }) => shear[1]), 5, 6);
    expect(drawn.every(({ translate }) => translate.every(Number.isInteger))).toBe(true);
  });

  it('of nothing is identity', () => {
    const nothing = instance(Affine, { degrees: [0, 0], translateX: [0, 0], translateY: [0, 0], scale: [1, 1] });
    expect([...changed(nothing, createRandom(1)).images]).toEqual([...Float32Array.from(record.images)]);
  });
});
