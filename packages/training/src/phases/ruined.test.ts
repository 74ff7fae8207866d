import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kernel } from '@cultivar/kernel';
import { definePlugin, optimizer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../../../test/conformance/backend.js';
import { drawDataset } from '../../../../test/support/drawn-images.js';
import { listening, tinyKernel } from '../../../../test/support/tiny-training.js';
import type { TrainingRequest } from '../request.js';
import { train } from '../train.js';

/** The loss of a step is looked at before the step: that of the last one is never seen. */
@optimizer({ name: 'last-straw', summary: 'Ruins the weights with the last of four steps' })
class LastStraw {
  update({ parameter, step }: { parameter: tf.Tensor; step: number }) {
    return { delta: step < 4 ? tf.zerosLike(parameter) : tf.div(tf.zerosLike(parameter), 0), slots: {} };
  }
}

let work: string;
let data: string;
let kernel: Kernel;
let next = 0;
const request = (further: Partial<TrainingRequest>): TrainingRequest => {
  next += 1;
  return { data, backbone: { name: 'tiny' }, strategy: { name: 'fine-tune-top', epochs: 2 }, batchSize: 8, validation: 0.4, seed: 3, out: join(work, `out-${next}`), ...further };
};
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-ruined-'));
  data = await drawDataset(join(work, 'shapes'), { perClass: 15 });
  kernel = await tinyKernel(definePlugin({ name: 'straw', contributions: [LastStraw] }));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('a training that ran away', () => {
  it.each([['adam', 1e6], ['adam', 1e9], ['sgd', 1000]])('with a rate far too high and kept all the same, is warned of: %s at %s', async (name, learningRate) => {
    const services = listening();
    const result = await train(kernel, request({ optimizer: { name }, learningRate, schedule: { name: 'constant' }, keep: 'last' }), services).catch((error: unknown) => error as { code: string });
    // Numbers hold that far on some machines.
    if ('code' in result) return expect([learningRate, result.code]).toEqual([1e9, 'TRAINING_DIVERGED']);
    expect(result.warnings).toEqual([{ code: 'TRAINING_RUINED', message: expect.stringMatching(new RegExp(`worse than .*Lower the learning rate of ${learningRate},`)) }]);
    expect(services.lines).toContain(result.warnings[0]!.message);
    expect(JSON.parse(readFileSync(join(result.bundle, 'cultivar.json'), 'utf8'))).toMatchObject({ warnings: result.warnings });
  });

  it('and is undone, needs no warning; nor does one that went well', async () => {
    expect((await train(kernel, request({ learningRate: 5 }), listening())).warnings).toEqual([]);
    expect((await train(kernel, request({ keep: 'last' }), listening())).warnings).toEqual([]);
  });

  it.each(['better', 'last'] as const)('to what is no number is refused, with the last step too: keep %s', async (keep) => {
    const own = request({ optimizer: { name: 'last-straw' }, strategy: { name: 'fine-tune-top', epochs: 1 }, batchSize: 7, keep });
    await expect(train(kernel, own, listening())).rejects.toMatchObject({ code: 'TRAINING_DIVERGED' });
    expect(existsSync(join(own.out, 'cultivar.json'))).toBe(false);
  });
});
