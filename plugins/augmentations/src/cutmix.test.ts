import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { applied, record } from '../../../test/conformance/batch.js';
import { draws, moments, tolerance } from '../../../test/conformance/distribution.js';
import { distance, instance, scripted } from '../../../test/conformance/instance.js';
import { changed, record as operations } from '../../../test/conformance/operations.js';
import { CutMix } from './cutmix.js';

const [, height, width] = record.shape;

describe('cutmix', () => {
  it.each(operations.timm.cutmix)('is timm for the same box: lambda $lambda about $row, $column', ({ lambda, row, column, images, targets }) => {
    const { images: before, labels, shape, order } = operations.timm;
    const found = changed(instance(CutMix), scripted({ uniform: [0], beta: [lambda], integer: [row, column], permutation: [[...order]] }), { images: before, labels, shape });
    expect(distance(found.images, images)).toBeLessThan(1e-6);
    expect(distance(found.targets, targets)).toBeLessThan(1e-6);
  });

  it('keeps on average what the clipped boxes leave, in pixels and in targets alike', () => {
    const random = createRandom(4);
    const [cutmix, side] = [instance(CutMix), 8];
    const black = [0, 1].flatMap((value) => Array.from({ length: side * side * 3 }, () => value));
    const kept: number[] = [];
    while (kept.length < draws) {
      const found = changed(cutmix, random, { images: black, labels: [0, 1], shape: [2, side, side, 3] });
      const pixels = found.images.subarray(0, side * side * 3).filter((value) => value === 0).length / (side * side * 3);
      // Where the permutation leaves both in their places nothing is told of the box, nor where the box is empty.
      if (Math.abs(found.targets[0]! - pixels) > 1e-6) throw new Error(`${found.targets[0]} of the target, ${pixels} of the pixels`);
      kept.push(pixels);
    }
    // lambda even in 0..1, centres even over the image; half of the permutations of two change nothing.
    const steps = 4000;
    const overlap = (half: number) => Array.from({ length: side }, (_, centre) => Math.min(side, centre + half) - Math.max(0, centre - half)).reduce((sum, length) => sum + length, 0) / side ** 2;
    const areas = Array.from({ length: steps }, (_, step) => overlap(Math.floor((side * Math.sqrt(1 - (step + 0.5) / steps)) / 2)) ** 2);
    expect(Math.abs(moments(kept).mean - (1 - moments(areas).mean / 2))).toBeLessThan(tolerance(Math.sqrt(moments(kept).variance)));
  });

  it.each(record.cutmix)('is torchvision for the same box: lambda $lambda about $row, $column', ({ lambda, row, column, order, images, targets }) => {
    const found = applied(instance(CutMix), scripted({ uniform: [0], beta: [lambda], integer: [row, column], permutation: [[...order]] }));
    expect(distance(found.images, images)).toBeLessThan(1e-6);
    expect(distance(found.targets, targets)).toBeLessThan(1e-6);
  });

  it('gives targets by the pixels that are there, not by those asked for', () => {
    const random = createRandom(8);
    for (let round = 0; round < 50; round += 1) {
      const { images, targets } = applied(instance(CutMix), random);
      for (let image = 0; image < 4; image += 1) {
        const size = height * width;
        let own = 0;
        for (let pixel = 0; pixel < size; pixel += 1) {
          const at = (image * size + pixel) * 3;
          if ([0, 1, 2].every((channel) => images[at + channel] === Math.fround(record.images[at + channel]!))) own += 1;
        }
        const label = record.labels[image]!;
        expect(targets[image * 3 + label]).toBeGreaterThanOrEqual(own / size - 1e-6);
      }
    }
  });
});
