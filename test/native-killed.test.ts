/** SIGKILL on native TensorFlow, while training and while saving: nothing is broken, and the run goes on to the same numbers. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedNativeTensorFlow } from '@cultivar/sdk';
import { cultivar, json, nanoIsBuilt, repository, start } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';

const ready = nanoIsBuilt && (await installedNativeTensorFlow()) !== undefined;
const why = ready ? '' : ' (skipped: run `cultivar native install`)';

interface Trained {
  bundle: string;
  metrics: object;
  history: { phase: string; epoch: number; loss: number; validationLoss: number }[];
  versions: Record<string, string>;
}

const result = ({ bundle, metrics, history }: Trained) => ({
  metrics, history: history.map(({ phase, epoch, loss, validationLoss }) => ({ phase, epoch, loss, validationLoss })),
  weights: createHash('sha256').update(readFileSync(join(bundle, 'weights.bin'))).digest('hex'),
});

(ready ? describe : describe.skip)(`a run on native TensorFlow that is killed${why}`, () => {
  const words = ['train', 'photos', '--engine', 'tensorflow', '--strategy', 'fine-tune-top', '--epochs', '3', '--batch-size', '8', '--augment', 'flip', '--seed', '5', '--json'];
  let work: string;
  let reference: ReturnType<typeof result>;

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'cultivar-native-killed-'));
    await drawDataset(join(work, 'photos'), { perClass: 10 });
    reference = result(json<Trained>(await cultivar([...words, '--out', 'whole'], work)));
  }, 120_000);
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  /** What a run that was killed left is no bundle (without a cultivar.json); it goes on from there, to the same numbers and weights. */
  async function goOn(out: string): Promise<void> {
    expect(existsSync(join(work, out, 'cultivar.json'))).toBe(false);
    const resumed = await cultivar([...words, '--out', out, '--resume'], work);
    expect(resumed.stderr).not.toMatch(/Error/);
    expect(result(json<Trained>(resumed))).toEqual(reference);
    expect(existsSync(join(work, out, '.run'))).toBe(false);
  }

  it.each([
    'checkpoint.bin:1:half', 'checkpoint.bin:2:before', 'checkpoint.bin:3:after', 'checkpoint.bin:4:half', 'weights.bin:1:half', 'cultivar.json:1:before',
  ])('while it writes (%s)', async (moment) => {
    const out = moment.replaceAll(':', '-');
    const preload = join(repository, 'test', 'support', 'killed-while-writing.cjs');
    const killed = await cultivar([...words, '--out', out], work, { NODE_OPTIONS: `--require ${preload}`, CULTIVAR_TEST_KILL: moment });
    expect(killed.signal).toBe('SIGKILL');
    // That half a bundle is told from a whole one: where it was being written.
    const ofBundle = !moment.startsWith('checkpoint');
    const evaluated = async () => {
      const { code, stderr } = await cultivar(['evaluate', out, 'photos', '--json'], work);
      return [code, stderr];
    };
    if (ofBundle) expect(await evaluated()).toEqual([2, expect.stringContaining('BUNDLE_NOT_FOUND')]);
    await goOn(out);
    if (ofBundle) expect(await evaluated()).toEqual([0, expect.anything()]);
  }, 120_000);

  it.each(['Assessment', 'epoch 1:', 'epoch 2:'])('while it trains (once it says "%s")', async (said) => {
    const out = said.replaceAll(/\W/g, '-');
    const running = start([...words, '--out', out], work);
    await new Promise<void>((resolve, reject) => {
      const timer = setInterval(() => {
        if (!running.stderr().includes(said)) return;
        clearInterval(timer);
        running.child.kill('SIGKILL');
        resolve();
      }, 2);
      void running.outcome.then(() => { clearInterval(timer); reject(new Error(`ended before it was killed:\n${running.stderr()}`)); });
    });
    expect((await running.outcome).signal).toBe('SIGKILL');
    await goOn(out);
  }, 120_000);
});
