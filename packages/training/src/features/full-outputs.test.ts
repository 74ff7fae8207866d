import { describe, expect, it } from '@jest/globals';
import type { Stage } from '@cultivar/sdk';
import { FullOutputs } from './full-outputs.js';

const stage = (name: string, outputShape: number[]): Stage => ({ name, index: 0, output: name, layers: [name], parameters: 1, outputShape });
const stages = [stage('low', [2, 2, 3]), stage('high', [4])];
const rows = (images: readonly number[], width: number) => Float32Array.from(images.flatMap((image) => Array.from({ length: width }, (_, place) => image + place / 16)));
const outputs = (images: readonly number[]) => [{ data: rows(images, 12), shape: [images.length, 2, 2, 3] }, { data: rows(images, 4), shape: [images.length, 4] }];

describe('outputs in full', () => {
  it('are given back, in any order, where all that is asked for is there', async () => {
    const full = new FullOutputs(stages, [1, 4, 7], 2 * 16 * 3);
    await full.put([4, 7], outputs([4, 7]));
    await full.put([3, 1, 2], outputs([3, 1, 2]));
    expect(await full.get('low', [1, 4])).toEqual(outputs([1, 4])[0]);
    expect(await full.get('high', [7, 1, 4])).toEqual(outputs([7, 1, 4])[1]);
    expect(await full.get('high', [7, 2])).toBeUndefined();
    expect(await full.get('other', [7])).toBeUndefined();
  });

  it('are not kept at all where memory has no room for all of them', () => {
    expect(new FullOutputs(stages, [1, 4, 7], 2 * 16 * 3 - 1).stages).toEqual([]);
  });
});
