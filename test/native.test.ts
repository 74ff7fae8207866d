/** Native TensorFlow, where it is installed: a whole run on it, quiet, repeatable, and understood by the other engines. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedNativeTensorFlow } from '@cultivar/sdk';
import { cultivar, json, nanoIsBuilt } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';

const ready = nanoIsBuilt && (await installedNativeTensorFlow()) !== undefined;
const why = ready ? '' : ' (skipped: run `cultivar native install`)';

interface Result {
  bundle: string;
  metrics: { accuracy: number; loss: number };
}

(ready ? describe : describe.skip)(`native TensorFlow${why}`, () => {
  let work: string;
  const train = async (out: string, engine: string) => {
    const run = await cultivar(['train', 'photos', '--strategy', 'fine-tune-top', '--epochs', '2', '--seed', '3', '--engine', engine, '--out', out, '--json', '--quiet'], work);
    expect(run.stderr).toBe('');
    return json<Result>(run);
  };
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'cultivar-native-run-'));
    await drawDataset(join(work, 'photos'), { perClass: 10 });
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('fine-tunes to the same numbers from the same seed, without a word on stderr', async () => {
    const [first, second] = [await train('first', 'tensorflow'), await train('second', 'tensorflow')];
    expect(second.metrics).toEqual(first.metrics);
    const elsewhere = json<Result>(await cultivar(['evaluate', first.bundle, 'photos', '--engine', 'onnx', '--json', '--quiet'], work)).metrics;
    const here = json<Result>(await cultivar(['evaluate', first.bundle, 'photos', '--engine', 'tensorflow', '--json', '--quiet'], work)).metrics;
    expect(here.accuracy).toBe(elsewhere.accuracy);
    expect(here.loss).toBeCloseTo(elsewhere.loss, 4);
  }, 120_000);

  it('is shown by doctor and by native status', async () => {
    const status = await cultivar(['native', 'status', '--json'], work);
    expect(status.code).toBe(0);
    expect(json<{ broken: boolean }>(status).broken).toBe(false);
    const doctor = json<{ engines: { name: string; ok: boolean; trains: boolean }[] }>(await cultivar(['doctor', '--json', '--quiet'], work));
    expect(doctor.engines.find(({ name }) => name === 'tensorflow')).toMatchObject({ ok: true, trains: true });
  }, 60_000);
});

describe('without native TensorFlow', () => {
  it('status says so, doctor says how to install it, and the rest works', async () => {
    const work = mkdtempSync(join(tmpdir(), 'cultivar-without-'));
    const environment = { CULTIVAR_CACHE: join(work, 'cache') };
    const status = await cultivar(['native', 'status'], work, environment);
    expect({ code: status.code, stdout: status.stdout }).toEqual({ code: 1, stdout: expect.stringContaining('cultivar native install') });
    const doctor = await cultivar(['doctor', '--json', '--quiet'], work, environment);
    expect(json<{ engines: object[] }>(doctor).engines).toContainEqual(expect.objectContaining({ name: 'tensorflow', ok: false, reasons: [expect.stringContaining('cultivar native install')] }));
    const removed = await cultivar(['native', 'remove'], work, environment);
    expect(removed.stdout).toContain('nothing to remove');
    rmSync(work, { recursive: true, force: true });
  }, 60_000);
});
