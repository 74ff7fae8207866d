import '../../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import { createKernel } from '@cultivar/kernel';
import optimizers from '@cultivar/optimizers';
import * as tf from '@tensorflow/tfjs-core';
import { distance } from '../../../../test/conformance/instance.js';
import { drawPaths } from './draw-paths.js';
import { optimizerPaths } from './paths.js';
import { surfaces } from './surfaces.js';

const kernel = await createKernel({ plugins: [optimizers] });

describe.each(surfaces)('the surface $name', ({ value, slope, start }) => {
  it('has the slope of its value', () => {
    const h = 1e-6;
    for (const [x, y] of [start, [0.3, -0.7], [-1.2, 0.4]] as const) {
      const differences = [(value(x + h, y) - value(x - h, y)) / (2 * h), (value(x, y + h) - value(x, y - h)) / (2 * h)];
      expect(distance(slope(x, y), differences)).toBeLessThan(1e-7);
    }
  });
});

/** Steps across the floor of the ravine. */
const turns = (points: [number, number][]) => points.slice(1).filter(([, y], index) => y * points[index]![1] < 0).length;

describe('paths of optimizers', () => {
  it('are the lecture\'s on the ravine: sgd zigzags, momentum rolls past the middle, adagrad goes straight', async () => {
    const before = tf.memory().numTensors;
    const paths = await optimizerPaths(kernel, ['sgd', 'momentum', 'adagrad', 'adam'].map((name) => ({ name })), surfaces.slice(0, 1));
    expect(tf.memory().numTensors).toBe(before);
    expect(paths.map(({ rate }) => rate)).toEqual([0.95, 0.1, 1.5, 0.3]);
    const [sgd, momentum, adagrad, adam] = paths.map(({ points }) => points);
    expect(sgd).toHaveLength(31);
    // Each step multiplies y by 1 - 2 * 0.95 and x by 1 - 0.1 * 0.95.
    expect(distance(sgd!.at(-1)!, [-7 * 0.905 ** 30, 2 * (-0.9) ** 30])).toBeLessThan(1e-4);
    expect(turns(sgd!)).toBe(30);
    expect(turns(adagrad!)).toBeLessThan(5);
    expect(Math.max(...momentum!.map(([x]) => x))).toBeGreaterThan(0);
    expect(Math.abs(adam!.at(-1)![0])).toBeLessThan(1);
  });

  it('show that momentum gets out of a local minimum where sgd does not', async () => {
    const [sgd, momentum] = await optimizerPaths(kernel, [{ name: 'sgd' }, { name: 'momentum' }], surfaces.slice(2));
    expect(sgd!.points.at(-1)![0]).toBeGreaterThan(0.5);
    expect(momentum!.points.at(-1)![0]).toBeLessThan(-0.5);
  });

  it('search the rate of an optimizer that the surface has none for', async () => {
    const [found] = await optimizerPaths(kernel, [{ name: 'sgd' }], [{ ...surfaces[0]!, rates: {} }]);
    expect(found!.rateFrom).toBe('search');
    // The fastest of 0.001 to 5 below the 1 beyond which y grows; at 1 it goes to and fro for ever.
    expect(found!.rate).toBe(0.5);
  });

  it('are drawn over contours, one frame for each', async () => {
    const paths = await optimizerPaths(kernel, [{ name: 'sgd' }, { name: 'adam' }]);
    const pictures = drawPaths(paths);
    expect(Object.keys(pictures)).toEqual(['path-ravine.svg', 'path-saddle.svg', 'path-local-minimum.svg']);
    expect(pictures['path-ravine.svg']).toContain('sgd, rate 0.95');
    expect(pictures['path-ravine.svg']!.match(/<circle/g)!.length).toBe(2 * 31 + 2);
  });
});
