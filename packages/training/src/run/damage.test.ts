/** Every file of a run's state, a bit of it other: the run is never resumed to other numbers. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kernel } from '@cultivar/kernel';
import { definePlugin, strategy, type FreezePlan } from '@cultivar/sdk';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../../../test/conformance/backend.js';
import { drawDataset } from '../../../../test/support/drawn-images.js';
import { listening, tinyKernel, weightsOf } from '../../../../test/support/tiny-training.js';
import { train } from '../train.js';

@strategy({ name: 'grow', summary: 'Train the last stage from a solved head' })
class Grow {
  plan(): FreezePlan {
    return {
      reasons: ['a test'],
      phases: [
        { kind: 'solve', name: 'solve', candidates: [['stage-2']] },
        { kind: 'train', name: 'last', from: 'stage-2', epochs: 4, batchSize: 8, learningRate: 0.003, rates: {}, views: 1, batchNorm: 'frozen' },
      ],
    };
  }
}

let work: string;
let data: string;
let kernel: Kernel;
let whole: { weights: string; snapshot: string };
const request = (folder: string, resume = false) => ({
  data, backbone: { name: 'tiny' }, strategy: { name: 'grow' }, seed: 3, keep: 'last' as const, snapshots: 2, augmentations: [],
  out: join(folder, 'out'), featureFolder: join(folder, 'features'), trialFolder: join(folder, 'features'), resume,
});
const essence = (folder: string) => ({ weights: weightsOf(join(folder, 'out')), snapshot: weightsOf(join(folder, 'out', 'snapshots', '1')) });
const filesIn = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)).filter((path) => statSync(path).isFile());

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-damage-'));
  data = await drawDataset(join(work, 'shapes'), { perClass: 6 });
  kernel = await tinyKernel(definePlugin({ name: 'growing', contributions: [Grow] }));
  for (const name of ['whole', 'stopped']) mkdirSync(join(work, name, 'features'), { recursive: true });
  await train(kernel, request(join(work, 'whole')), listening());
  whole = essence(join(work, 'whole'));
  const abort = new AbortController();
  const services = listening(abort.signal);
  services.emit = (event) => { if (event.type === 'epoch' && event.record.phase === 'last' && event.record.epoch === 3) abort.abort(); };
  await expect(train(kernel, request(join(work, 'stopped')), services)).rejects.toMatchObject({ code: 'RUN_ABORTED' });
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('a run that is resumed from damaged files', () => {
  it('comes to the same numbers, and says which file it was', async () => {
    const read = filesIn(join(work, 'stopped')).filter((path) => path.endsWith('.bin') && !path.includes('best'));
    expect(read.map((path) => path.slice(join(work, 'stopped').length + 1).replace(/-[0-9a-f]{16}/, '')).sort()).toEqual([
      'features/features.bin', 'features/solved.bin', 'features/views.bin', 'out/.run/checkpoint.bin', 'out/.run/checkpoint.former.bin', 'out/.run/snapshots/1.bin',
    ]);
    for (const [index, path] of read.entries()) {
      const folder = join(work, `damaged-${index}`);
      cpSync(join(work, 'stopped'), folder, { recursive: true });
      const damaged = path.replace(join(work, 'stopped'), folder);
      const bytes = readFileSync(damaged);
      // Low bits of a number near the end, and in one case the header.
      bytes[index === 0 ? 60 : bytes.length - 7]! ^= 1;
      writeFileSync(damaged, bytes);
      const services = listening();
      await train(kernel, request(folder, true), services);
      expect({ path, ...essence(folder) }).toEqual({ path, ...whole });
      // What was solved before is in the checkpoint; and the former checkpoint is read only where the last one is damaged.
      if (!/solved|former/.test(path)) expect(services.lines.join('\n')).toContain(`${damaged} is damaged: its checksum is not that of what it holds.`);
    }
  });
});
