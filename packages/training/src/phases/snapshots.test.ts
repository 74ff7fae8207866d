import { describe, expect, it } from '@jest/globals';
import { definePlugin, strategy, type FreezePlan } from '@cultivar/sdk';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../../../test/conformance/backend.js';
import { drawDataset } from '../../../../test/support/drawn-images.js';
import { listening, tinyKernel, weightsOf } from '../../../../test/support/tiny-training.js';
import { train } from '../train.js';
import { cyclePosition } from './snapshots.js';

@strategy({ name: 'grow', summary: 'Train the last stage from a solved head' })
class Grow {
  plan(): FreezePlan {
    return {
      reasons: ['a test'],
      phases: [
        { kind: 'solve', name: 'solve', candidates: [['stage-2']] },
        { kind: 'train', name: 'last', from: 'stage-2', epochs: 20, batchSize: 4, learningRate: 0.02, rates: {}, views: 1, batchNorm: 'frozen', keep: 'last' },
      ],
    };
  }
}

describe('the place in a cycle', () => {
  it('is the place in the phase where there are no snapshots', () => {
    expect([1, 2, 3, 4, 5].map((step) => cyclePosition(step, 5))).toEqual([0.1, 0.3, 0.5, 0.7, 0.9]);
    expect(cyclePosition(1, 1)).toBe(0.5);
  });

  it('begins anew after each snapshot, and is as near its end as its start with the last step', () => {
    expect(Array.from({ length: 6 }, (_, index) => cyclePosition(index + 1, 6, 2))).toEqual([0.5 / 3, 0.5, 2.5 / 3, 0.5 / 3, 0.5, 2.5 / 3]);
  });
});

describe('a snapshot', () => {
  it('ends with a temperature, as a run does: the last one is the model of a run that keeps its last epoch', async () => {
    const work = mkdtempSync(join(tmpdir(), 'cultivar-snapshots-'));
    try {
      const data = await drawDataset(join(work, 'shapes'), { perClass: 12 });
      const kernel = await tinyKernel(definePlugin({ name: 'growing', contributions: [Grow] }));
      const { bundle, history, metrics } = await train(kernel, { data, backbone: { name: 'tiny' }, strategy: { name: 'grow' }, validation: 0.5, seed: 3, snapshots: 2, out: join(work, 'out') }, listening());
      // By now it is too sure of itself, and the temperature has something to mend.
      expect(metrics.loss).toBeLessThan(0.99 * history.at(-1)!.validationLoss);
      expect(weightsOf(join(bundle, 'snapshots', '2'))).toBe(weightsOf(bundle));
      expect(weightsOf(join(bundle, 'snapshots', '1'))).not.toBe(weightsOf(bundle));
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
});
