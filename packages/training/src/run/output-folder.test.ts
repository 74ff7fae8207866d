import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kernel } from '@cultivar/kernel';
import { isLockName } from '@cultivar/sdk/internal';
import * as tf from '@tensorflow/tfjs-core';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../../../test/conformance/backend.js';
import { drawDataset } from '../../../../test/support/drawn-images.js';
import { listening, tinyKernel, weightsOf } from '../../../../test/support/tiny-training.js';
import { keepTestTime, readManifest } from '../bundle/manifest.js';
import { train } from '../train.js';
import { prepareOutput, takeFolder } from './output-folder.js';

let work: string;
let data: string;
let kernel: Kernel;
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-folder-'));
  data = await drawDataset(join(work, 'shapes'), { perClass: 6 });
  kernel = await tinyKernel();
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const request = (out: string, resume = false) => ({ data, backbone: { name: 'tiny' }, strategy: { name: 'linear-probe' }, seed: 3, out: join(work, out), resume });
/** What came of several calls: their codes, or `done`. */
async function outcomes(...calls: Promise<unknown>[]): Promise<string[]> {
  return (await Promise.allSettled(calls)).map((outcome) => (outcome.status === 'fulfilled' ? 'done' : String((outcome.reason as { code?: string }).code))).sort();
}

describe('the output folder', () => {
  it('belongs to one training: a second into it is refused, and the first is as if it were alone', async () => {
    const before = tf.memory().numTensors;
    const alone = await train(kernel, request('alone'), listening());
    expect(await outcomes(train(kernel, request('shared'), listening()), train(kernel, request('shared'), listening()))).toEqual(['OUTPUT_BUSY', 'done']);
    expect(weightsOf(join(work, 'shared'))).toBe(weightsOf(alone.bundle));
    expect(readdirSync(join(work, 'shared')).sort()).toEqual(['cultivar.json', 'model.json', 'weights.bin']);
    expect(await outcomes(train(kernel, request('one'), listening()), train(kernel, request('other'), listening()))).toEqual(['done', 'done']);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is resumed by one, whatever the kill has left in it', async () => {
    const services = listening(AbortSignal.abort());
    await expect(train(kernel, request('stopped'), services)).rejects.toMatchObject({ code: 'RUN_ABORTED' });
    writeFileSync(join(work, 'stopped', '.run', 'checkpoint.bin.0123456789ab.part'), 'half');
    writeFileSync(join(work, 'stopped', 'weights.bin.0123456789ab.part'), 'half');
    expect(await outcomes(...[1, 2, 3].map(() => train(kernel, request('stopped', true), listening())))).toEqual(['OUTPUT_BUSY', 'OUTPUT_BUSY', 'done']);
    expect(readdirSync(join(work, 'stopped')).sort()).toEqual(['cultivar.json', 'model.json', 'weights.bin']);
    expect(weightsOf(join(work, 'stopped'))).toBe(weightsOf(join(work, 'alone')));
  });

  it('with a whole bundle and a state is that of a run which was killed at the very end: it does its end again', async () => {
    const out = join(work, 'end');
    cpSync(join(work, 'alone'), out, { recursive: true });
    mkdirSync(join(out, '.run'));
    const { metrics } = await train(kernel, request('end', true), listening());
    expect(metrics).toEqual((await readManifest(join(work, 'alone'))).metrics);
    mkdirSync(join(out, '.run.done'));
    expect((await prepareOutput(out, true)).state).toBe('finished');
    expect(readdirSync(out).sort()).toEqual(['cultivar.json', 'model.json', 'weights.bin']);
  });

  it('of a finished run says that the images have changed since, or are gone', async () => {
    const folder = await drawDataset(join(work, 'changing'), { perClass: 6 });
    const again = (resume: boolean) => train(kernel, { ...request('changed', resume), data: folder }, listening());
    const { metrics } = await again(false);
    expect((await again(true)).warnings).toEqual([]);
    const [label = ''] = readdirSync(folder);
    rmSync(join(folder, label, readdirSync(join(folder, label))[0]!));
    const changed = await again(true);
    expect(changed).toMatchObject({ metrics, warnings: [{ code: 'RUN_CHANGED', message: expect.stringContaining('are not what they were') }] });
    rmSync(folder, { recursive: true });
    expect((await again(true)).warnings).toMatchObject([{ code: 'RUN_CHANGED', message: expect.stringContaining('DATA_NOT_FOUND') }]);
  });

  it('is not left behind where nothing came of it, nor are folders made on the way; one that was there stays', async () => {
    mkdirSync(join(work, 'mine'));
    for (const out of ['new/and/deep', 'mine']) await expect(train(kernel, { ...request(out), data: join(work, 'nowhere') }, listening())).rejects.toMatchObject({ code: expect.stringMatching(/^DATA_/) });
    expect(existsSync(join(work, 'new'))).toBe(false);
    expect(readdirSync(join(work, 'mine'))).toEqual([]);
  });

  it('that holds something else, is a file, or lies in one is refused', async () => {
    writeFileSync(join(work, 'file'), '');
    expect(await outcomes(train(kernel, request('file'), listening()), train(kernel, request('file/in'), listening()), train(kernel, request('shapes'), listening()), train(kernel, request('shapes', true), listening()))).toEqual(['OUTPUT_EXISTS', 'OUTPUT_EXISTS', 'OUTPUT_WRITE', 'RESUME_NOTHING']);
    expect(readdirSync(join(work, 'shapes')).filter(isLockName)).toEqual([]);
  });

  it('of a bundle is written to by one after the other', async () => {
    const bundle = join(work, 'alone');
    const all = ([1, 5, 10] as const).map((crops) => keepTestTime(bundle, { crops }));
    await Promise.all(all);
    expect((await readManifest(bundle)).testTime).toBeDefined();
    const { release } = await takeFolder(bundle);
    setTimeout(() => void release(), 200);
    await keepTestTime(bundle, { crops: 5 });
    expect((await readManifest(bundle)).testTime).toEqual({ crops: 5 });
    expect(readdirSync(bundle).sort()).toEqual(['cultivar.json', 'model.json', 'weights.bin']);
  });
});
