import { cropViews } from '@cultivar/data';
import { describe, expect, it } from '@jest/globals';
import type { Preprocessing, TensorData } from '@cultivar/sdk';
import { classifyEach, type ProbabilitySource } from './classify.js';
import type { ImageTensor } from './image-input.js';
import sharp from 'sharp';

const preprocessing: Preprocessing = { size: 2, resize: 'stretch', mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' };

/** Takes an image for `bright` as far as its first value is. */
function brightness(batches: number[]): ProbabilitySource {
  return {
    labels: ['dark', 'bright'], preprocessing,
    probabilities: async ({ data, shape }: TensorData<Uint8Array>) => {
      const [count = 0] = shape;
      batches.push(count);
      const values = Float32Array.from({ length: count * 2 }, (_, index) => {
        const bright = (data[Math.floor(index / 2) * 12] ?? 0) / 255;
        return index % 2 === 0 ? 1 - bright : bright;
      });
      return { data: values, shape: [count, 2] };
    },
  };
}

const image = (value: number): ImageTensor => ({ shape: [2, 2, 3], dtype: 'int32', data: async () => Array.from({ length: 12 }, () => value) });

async function all(source: ProbabilitySource, images: ImageTensor[], top: number) {
  const outcomes = [];
  for await (const outcome of classifyEach(source, images, top)) outcomes.push(outcome);
  return outcomes;
}

describe('classifying', () => {
  it('refuses images of more pixels than are allowed, and names the option', async () => {
    const bytes = await sharp({ create: { width: 30, height: 20, channels: 3, background: 'white' } }).png().toBuffer();
    const outcomes = async (limit?: number) => {
      const found = [];
      for await (const outcome of classifyEach(brightness([]), [bytes], 1, limit)) found.push(outcome);
      return found;
    };
    expect(await outcomes(599)).toEqual([{ error: expect.objectContaining({ code: 'IMAGE_UNREADABLE', message: expect.stringContaining('maxPixels') }) }]);
    expect(await outcomes(600)).toEqual([{ classes: [{ label: 'bright', probability: 1 }] }]);
    expect(await outcomes()).toHaveLength(1);
  });

  it('averages the crops of each image, as many images at a time as fill a batch', async () => {
    const batches: number[] = [];
    const source = { ...brightness(batches), views: cropViews(preprocessing, 10) };
    const images = [image(0), image(255), image(51), image(102)];
    const outcomes = await all(source, images, 2);
    expect(batches).toEqual([30, 10]);
    expect(outcomes.map((outcome) => ('classes' in outcome ? outcome.classes.find(({ label }) => label === 'bright')!.probability : NaN)))
      .toEqual([0, 1, expect.closeTo(0.2, 5), expect.closeTo(0.4, 5)]);
  });

  it('keeps the order over batches, the most probable class first', async () => {
    const batches: number[] = [];
    const outcomes = await all(brightness(batches), Array.from({ length: 70 }, (_, index) => image(index)), 1);
    expect(batches).toEqual([32, 32, 6]);
    expect(outcomes).toHaveLength(70);
    outcomes.forEach((outcome, index) => expect(outcome).toEqual({ classes: [{ label: 'dark', probability: expect.closeTo(1 - index / 255, 5) }] }));
  });

  it('says of each image that cannot be read why, and goes on with the others', async () => {
    const outcomes = await all(brightness([]), [image(255), image(300), image(0)], 2);
    expect(outcomes).toEqual([
      { classes: [{ label: 'bright', probability: 1 }, { label: 'dark', probability: 0 }] },
      { error: expect.objectContaining({ code: 'IMAGE_UNREADABLE' }) },
      { classes: [{ label: 'dark', probability: 1 }, { label: 'bright', probability: 0 }] },
    ]);
  });

  it('asks nothing of the network where there is nothing to ask', async () => {
    const batches: number[] = [];
    expect(await all(brightness(batches), [], 1)).toEqual([]);
    await all(brightness(batches), [image(-1)], 1);
    expect(batches).toEqual([]);
  });
});
