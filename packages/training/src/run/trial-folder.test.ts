import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kernel } from '@cultivar/kernel';
import { definePlugin, strategy, type FreezePlan } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../../../test/conformance/backend.js';
import { drawDataset } from '../../../../test/support/drawn-images.js';
import { listening, tinyKernel, weightsOf } from '../../../../test/support/tiny-training.js';
import type { TrainingRequest } from '../request.js';
import { train } from '../train.js';

@strategy({ name: 'grow', summary: 'Train the last stage, with a solved head that reads the one before as well' })
class Grow {
  plan(): FreezePlan {
    return {
      reasons: ['a test'],
      phases: [
        { kind: 'solve', name: 'solve', candidates: [['stage-2', 'stage-1']] },
        { kind: 'train', name: 'last', from: 'stage-2', epochs: 2, batchSize: 8, learningRate: 0.003, rates: {}, views: 1, batchNorm: 'frozen', keep: 'last' },
      ],
    };
  }
}

let work: string;
let data: string;
let kernel: Kernel;
let next = 0;

/** A run, and what it had to compute. */
async function trial(further: Partial<TrainingRequest>) {
  const computed: string[] = [];
  const progress = {
    start: (label: string) => {
      if (!label.includes('epoch') && label !== 'Reading') computed.push(label);
      return { advance() {}, finish() {} };
    },
  };
  const services = listening();
  const { bundle, history, metrics } = await train(kernel, { data, backbone: { name: 'tiny' }, strategy: { name: 'grow' }, augmentations: [], seed: 3, out: join(work, `out-${next += 1}`), ...further }, { ...services, progress });
  return { computed: computed.filter((label) => ['Computing features', 'Solving the classifier', 'Frozen stages'].includes(label)), essence: { weights: weightsOf(bundle), metrics, losses: history.map(({ loss, validationLoss }) => [loss, validationLoss]) } };
}

const folder = (name: string): Partial<TrainingRequest> => {
  const path = join(work, name);
  mkdirSync(path, { recursive: true });
  return { featureFolder: path, trialFolder: path };
};

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-trials-'));
  data = await drawDataset(join(work, 'shapes'), { perClass: 12 });
  kernel = await tinyKernel(definePlugin({ name: 'growing', contributions: [Grow] }));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('trials of one search', () => {
  it('solve the classifier, and send the images through the frozen stages, once for all; to the numbers that each reaches alone', async () => {
    const before = tf.memory().numTensors;
    const alone = await trial({ learningRate: 0.01 });
    expect(alone.computed).toEqual(['Computing features', 'Solving the classifier', 'Frozen stages']);
    const shared = folder('shared');
    const first = await trial({ ...shared, learningRate: 0.001 });
    const second = await trial({ ...shared, learningRate: 0.01 });
    expect([first.computed, second.computed]).toEqual([alone.computed, []]);
    expect(second.essence).toEqual(alone.essence);
    expect(first.essence.weights).not.toBe(second.essence.weights);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('of another seed, split, share of the images or solver solve their own', async () => {
    const shared = folder('others');
    await trial({ ...shared, splitSeed: 3 });
    for (const other of [{ seed: 4, splitSeed: 3 }, { splitSeed: 5 }, { perClass: 4 }, { solver: { name: 'newton' } }, { importance: Array.from({ length: 30 }, (_, index) => 1 + (index % 2)) }] satisfies Partial<TrainingRequest>[]) {
      const { computed } = await trial({ ...shared, splitSeed: 3, ...other });
      expect([other, computed.includes('Solving the classifier')]).toEqual([other, true]);
    }
    expect((await trial({ ...shared, splitSeed: 3 })).computed).toEqual([]);
  });

  it('keep none of it where they were not told where', async () => {
    const { featureFolder } = folder('features alone');
    await trial({ featureFolder });
    expect((await trial({ featureFolder })).computed).toEqual(['Solving the classifier', 'Frozen stages']);
  });
});
