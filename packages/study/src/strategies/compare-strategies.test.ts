import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kernel } from '@cultivar/kernel';
import { definePlugin, optimizer } from '@cultivar/sdk';
import { train, type TrainingRequest } from '@cultivar/training';
import * as tf from '@tensorflow/tfjs-core';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../../../test/conformance/backend.js';
import { drawDataset } from '../../../../test/support/drawn-images.js';
import { listening, tinyKernel } from '../../../../test/support/tiny-training.js';
import { compareStrategies, type ComparedStrategy } from './compare-strategies.js';
import { drawStrategies } from './draw-strategies.js';

@optimizer({ name: 'void', summary: 'Turns weights into what is no number' })
class Void {
  update({ parameter }: { parameter: tf.Tensor }) {
    return { delta: tf.div(tf.zerosLike(parameter), 0), slots: {} };
  }
}

let work: string;
let data: string;
let kernel: Kernel;
const request = (out: string, further: Partial<TrainingRequest> = {}): TrainingRequest => ({ data, backbone: { name: 'tiny' }, seed: 3, validation: 0.3, out: join(work, out), ...further });
const strategies = [{ name: 'linear-probe' }, { name: 'head2toe', fractions: [0.5] }, { name: 'fine-tune-top', epochs: 2, views: 1 }];
const withoutTimes = (trials: readonly ComparedStrategy[]) => trials.map(({ featureSeconds: _, seconds: __, bundle: ___, ...rest }) => rest);

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-strategies-'));
  data = await drawDataset(join(work, 'shapes'), { perClass: 12 });
  kernel = await tinyKernel(definePlugin({ name: 'void', contributions: [Void] }));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('comparing strategies', () => {
  it('trains with each on the same images, and says how they differ from the first', async () => {
    const before = tf.memory().numTensors;
    const computed: (number | undefined)[] = [];
    const services = { ...listening(), progress: { start: (label: string, total?: number) => { if (label === 'Computing features') computed.push(total); return { advance() {}, finish() {} }; } } };
    const ended: string[] = [];
    const compared = await compareStrategies(kernel, request('all', { perClass: 6 }), services, { strategies, finished: ({ strategy }) => ended.push(strategy) });
    expect(tf.memory().numTensors).toBe(before);
    expect(ended).toEqual(['linear-probe', 'head2toe:fractions=[0.5]', 'fine-tune-top:epochs=2,views=1']);
    // Once, of those images alone that are trained on or measured with.
    expect(computed).toEqual([3 * 6 + compared[0]!.images]);
    expect(compared.map(({ strategy, images }) => [strategy, images])).toEqual(ended.map((name) => [name, compared[0]!.images]));
    const [first, second] = compared;
    expect(first!.difference).toBeUndefined();
    expect(second!.difference!.accuracy.mean).toBeCloseTo(second!.accuracy! - first!.accuracy!, 6);
    expect(second!.difference!.loss.mean).toBeCloseTo(second!.loss! - first!.loss!, 5);

    const { metrics } = await train(kernel, request('alone', { strategy: strategies[1]!, perClass: 6 }), listening());
    expect(second).toMatchObject({ accuracy: metrics.accuracy, loss: metrics.loss, intervals: { accuracy: metrics.intervals!.accuracy, loss: metrics.intervals!.loss } });
    expect(compared.every(({ bundle }) => existsSync(join(bundle!, 'cultivar.json')))).toBe(true);
    expect(readdirSync(join(work, 'all')).filter((name) => name.endsWith('.json'))).toHaveLength(3);
    const pictures = drawStrategies(compared);
    expect(Object.keys(pictures)).toEqual(['accuracy.svg', 'loss.svg']);
    for (const name of ended) expect(pictures['accuracy.svg']).toContain(`>${name}</text>`);
  });

  it('broken off, keeps what has ended, and goes on to the same', async () => {
    const whole = await compareStrategies(kernel, request('whole'), listening(), { strategies });
    const abort = new AbortController();
    const stopping = { ...listening(abort.signal), emit: (event: { type: string }) => { if (event.type === 'step') abort.abort(); } };
    await expect(compareStrategies(kernel, request('broken'), stopping, { strategies })).rejects.toMatchObject({ code: 'RUN_ABORTED', mend: expect.stringContaining(`--resume --out ${join(work, 'broken')}.`) });
    const file = join(work, 'broken', 'linear-probe.json');
    const written = statSync(file).mtimeMs;
    const services = listening();
    const ended: string[] = [];
    const resumed = await compareStrategies(kernel, request('broken', { resume: true }), services, { strategies, finished: ({ strategy }) => ended.push(strategy) });
    expect(withoutTimes(resumed)).toEqual(withoutTimes(whole));
    expect(ended).toHaveLength(3);
    expect(services.lines.filter((line) => /: \d of 3\.$/.test(line))).toEqual(['fine-tune-top:epochs=2,views=1: 3 of 3.']);
    expect(statSync(file).mtimeMs).toBe(written);
  });

  it('goes on with further strategies, but not with other settings, and writes over nothing', async () => {
    await compareStrategies(kernel, request('further'), listening(), { strategies: strategies.slice(0, 1) });
    const services = listening();
    expect(await compareStrategies(kernel, request('further', { resume: true }), services, { strategies: strategies.slice(0, 2) })).toHaveLength(2);
    await expect(compareStrategies(kernel, request('further', { resume: true, seed: 4 }), services, { strategies })).rejects.toMatchObject({ code: 'RESUME_MISMATCH', exit: 2 });
    await expect(compareStrategies(kernel, request('further'), services, { strategies })).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    await expect(compareStrategies(kernel, request('nothing', { resume: true }), services, { strategies })).rejects.toMatchObject({ code: 'RESUME_NOTHING' });
  });

  it('checks all names first, and goes on where one diverges', async () => {
    await expect(compareStrategies(kernel, request('unknown'), listening(), { strategies: [strategies[0]!, { name: 'none' }] })).rejects.toMatchObject({ code: 'CONTRIBUTION_UNKNOWN' });
    expect(existsSync(join(work, 'unknown'))).toBe(false);
    const runaway = { name: 'fine-tune-top', epochs: 4, views: 1 };
    const [diverged, probe] = await compareStrategies(kernel, request('diverging', { optimizer: { name: 'void' } }), listening(), { strategies: [runaway, strategies[0]!] });
    expect(diverged).toMatchObject({ problem: 'diverged', loss: null, accuracy: null });
    expect(probe).toMatchObject({ strategy: 'linear-probe', loss: expect.any(Number) });
    expect(probe!.difference).toBeUndefined();
    const again = await compareStrategies(kernel, request('diverging', { optimizer: { name: 'void' }, resume: true }), listening(), { strategies: [runaway, strategies[0]!] });
    expect(again).toEqual([diverged, probe]);
  });
});
