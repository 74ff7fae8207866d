import { describe, expect, it } from '@jest/globals';
import type { Preprocessing } from '@cultivar/sdk';
import { golden } from '../../../test/conformance/instance.js';
import { averageCrops, averageViews, cropCount, cropViews, cutCrops } from './crops.js';

const { tenCrops } = golden<{ tenCrops: { side: number; size: number; canvas: number[]; crops: number[] } }>('operations');
const preprocessing: Preprocessing = { size: 224, resize: 'crop', cropFraction: 0.875, mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' };

describe('test-time crops', () => {
  it('are the ten of torchvision, in its order', () => {
    const { side, size, canvas, crops } = tenCrops;
    const [view] = cropViews({ ...preprocessing, size, cropFraction: size / side }, 10);
    expect(view!.canvas).toMatchObject({ size: side, cropFraction: 1 });
    const found = cutCrops({ data: Uint8Array.from(canvas), shape: [1, side, side, 3] }, view!, size);
    expect(found.shape).toEqual([10, size, size, 3]);
    expect([...found.data]).toEqual(crops);
  });

  it('have the plain view as their centre, where the network cuts a centre out', () => {
    const [view, ...more] = cropViews(preprocessing, 5);
    expect(more).toEqual([]);
    expect(view!.canvas.size).toBe(256);
    expect(view!.places).toEqual([[0, 0], [0, 32], [32, 0], [32, 32], [16, 16]].map(([top, left]) => ({ top, left, mirrored: false })));
    expect(cropViews({ ...preprocessing, cropFraction: undefined, resize: 'stretch' }, 5)[0]!.canvas).toMatchObject({ size: 256, resize: 'stretch', cropFraction: 1 });
  });

  it('count 1, 5, 10 and 30, all inside their canvases', () => {
    const counts = ([1, 5, 10, 'multi-scale'] as const).map((crops) => {
      const views = cropViews(preprocessing, crops);
      for (const { canvas, places } of views.slice(crops === 1 ? 1 : 0)) for (const { top, left } of places) {
        expect(Math.min(top, left)).toBeGreaterThanOrEqual(0);
        expect(Math.max(top, left) + 224).toBeLessThanOrEqual(canvas.size);
      }
      return cropCount(views);
    });
    expect(counts).toEqual([1, 5, 10, 30]);
    expect(cropViews(preprocessing, 'multi-scale').map(({ canvas }) => canvas.size)).toEqual([256, 288, 320]);
    expect(cropViews(preprocessing, 1)[0]!.canvas).toBe(preprocessing);
  });

  it('are those of both geometries, where there are two, whose logits are averaged', () => {
    const views = cropViews({ ...preprocessing, second: { resize: 'stretch' } }, 5);
    expect(views.map(({ canvas: { resize, second }, geometry }) => ({ resize, second, geometry }))).toEqual([{ resize: 'crop', second: undefined, geometry: 0 }, { resize: 'stretch', second: undefined, geometry: 1 }]);
    expect(cropCount(views)).toBe(10);
    const plain = cropViews({ ...preprocessing, second: { resize: 'stretch' } }, 1);
    const softmax = (logits: number[]) => logits.map((logit) => Math.exp(logit) / logits.reduce((sum, one) => sum + Math.exp(one), 0));
    const [one, other] = [[2, -1, 0.5], [-3, 1, 4]];
    const { data, shape } = averageViews({ data: Float32Array.from([...softmax(one!), ...softmax(other!)]), shape: [2, 3] }, plain);
    expect(shape).toEqual([1, 3]);
    softmax(one!.map((logit, k) => (logit + other![k]!) / 2)).forEach((value, k) => expect(data[k]).toBeCloseTo(value, 6));
    // Crops of one geometry are averaged as they always were.
    const tables = Float32Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? 0.25 + 0.05 * Math.floor(at / 2) : 0.75 - 0.05 * Math.floor(at / 2)));
    const [left] = averageViews({ data: tables, shape: [10, 2] }, views).data;
    expect(left).toBeCloseTo(softmax([(Math.log(0.35 / 0.65) + Math.log(0.6 / 0.4)) / 2, 0])[0]!, 6);
  });

  it('keep images apart, and are averaged image by image', () => {
    const data = Uint8Array.from({ length: 2 * 8 * 8 * 3 }, (_, at) => (at < 192 ? 1 : 2));
    const { data: cut } = cutCrops({ data, shape: [2, 8, 8, 3] }, cropViews({ ...preprocessing, size: 7, cropFraction: 7 / 8 }, 5)[0]!, 7);
    expect(new Set(cut.subarray(0, 5 * 147))).toEqual(new Set([1]));
    expect(new Set(cut.subarray(5 * 147))).toEqual(new Set([2]));
    expect(averageCrops({ data: Float32Array.of(1, 0, 0.5, 0.5, 0, 1, 0, 1), shape: [4, 2] }, 2)).toEqual({ data: Float32Array.of(0.75, 0.25, 0, 1), shape: [2, 2] });
  });
});
