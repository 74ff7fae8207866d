import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Run } from '@cultivar/kernel';
import * as tf from '@tensorflow/tfjs-core';
import '../../../../test/conformance/backend.js';
import { tinyKernel } from '../../../../test/support/tiny-training.js';
import { drawSharpness } from './draw-sharpness.js';
import { sharpness, type Minimum } from './sharpness.js';

let run: Run;
let minima: Minimum[];
let before = 0;
const options = { batchSizes: [8, 48], epochs: 400, until: 0.2, points: 48, directions: 4 };

beforeAll(async () => {
  await tf.setBackend('cpu');
  run = (await tinyKernel()).openRun({ seed: 1, outputFolder: tmpdir() });
  before = tf.memory().numTensors;
  minima = await sharpness(run, options);
});
afterAll(() => run.dispose());

describe('minima', () => {
  it('are reached: small batches learn the spirals', () => {
    expect(minima[0]!.trainAccuracy).toBeGreaterThan(0.9);
    expect(minima[0]!.testAccuracy).toBeGreaterThan(0.8);
  });

  it('have a profile whose middle is the training loss, and which rises to both sides on average', () => {
    for (const { profile, trainLoss, sharpness: rise } of minima) {
      expect(profile.find(({ distance }) => distance === 0)!.loss).toBeCloseTo(trainLoss, 4);
      expect(rise).toBeGreaterThan(0);
    }
  });

  it('are the same for the same seed, and leave no tensor behind', async () => {
    expect(tf.memory().numTensors).toBe(before);
    const again = await sharpness(run, { ...options, batchSizes: [48] });
    expect(again[0]).toEqual(minima[1]);
  });

  it('are drawn', () => {
    expect(drawSharpness(minima)).toMatch(/^<svg[\s\S]*batches of 48/);
  });
});
