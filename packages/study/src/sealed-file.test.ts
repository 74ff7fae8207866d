import { afterAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@cultivar/kernel';
import { sealJson } from '@cultivar/sdk/internal';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSealedFile } from './sealed-file.js';
import { TrialRecord } from './tune/trial-record.js';
import type { FinishedTrial } from './tune/trial.js';

const folder = mkdtempSync(join(tmpdir(), 'cultivar-sealed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'record');
const said: string[] = [];
const logger = { ...silentLogger, warn: (line: string) => { said.push(line); } };

/** Files with one bit other, each of them, or every so many. */
function* damaged(whole: Buffer, every = 1): Generator<{ at: number; bytes: Buffer }> {
  for (let bit = 0; bit < 8 * whole.length; bit += every) {
    const bytes = Buffer.from(whole);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    yield { at: bit / 8, bytes };
  }
}

describe('a sealed file', () => {
  it('of which any bit is other is said and does not count, but for the end of its line', async () => {
    const content = { labels: [0, 1, 2], probabilities: [0.25, 1e-9], evaluation: { loss: 0.1, name: 'Käfer \ufffd' } };
    const whole = Buffer.from(`${sealJson(content)}\n`);
    for (const { at, bytes } of damaged(whole)) {
      writeFileSync(path, bytes);
      said.length = 0;
      const read = await readSealedFile(path, logger, 'It is made again.');
      if (read !== undefined) expect({ at: Math.floor(at), read, said }).toEqual({ at: whole.length - 1, read: content, said: [] });
      else expect(said).toEqual([expect.stringMatching(/record is damaged: .+ It is made again\. \[RUN_DAMAGED\]$/)]);
    }
  });

  it('that is not there is nothing; one that cannot be read is damaged', async () => {
    said.length = 0;
    expect(await readSealedFile(join(folder, 'nowhere'), logger, '')).toBeUndefined();
    expect(said).toEqual([]);
    mkdirSync(join(folder, 'a-folder'));
    expect(await readSealedFile(join(folder, 'a-folder'), logger, '')).toBeUndefined();
    expect(said).toEqual([expect.stringContaining('a folder is in the way')]);
  });
});

describe('the record of trials', () => {
  const trials = [0.3, Infinity, 0.1].map((loss, number): FinishedTrial => ({
    id: String(number).repeat(12), purpose: 'random', settings: { learningRate: 0.1 / (number + 1) }, outcome: { loss, accuracy: loss === Infinity ? null : 0.5, trainLoss: loss, seconds: number },
  }));

  it('gives back each trial as it was or not at all, whichever bit is other; what is left stands in the file alone', async () => {
    const made = await TrialRecord.open(path.concat('s'), silentLogger);
    for (const trial of trials) await made.add(trial);
    const whole = readFileSync(path.concat('s'));
    for (const { at, bytes } of damaged(whole, 9)) {
      writeFileSync(path, bytes);
      said.length = 0;
      const record = await TrialRecord.open(path, logger);
      const kept = trials.filter(({ id }) => record.get(id) !== undefined);
      expect(kept.map(({ id }) => record.get(id))).toEqual(kept);
      // The end of a line takes the next with it; the last line may have been cut off by a crash.
      expect([1, 2]).toContain(trials.length - kept.length);
      if (at < whole.lastIndexOf('\n', whole.length - 2)) expect(said.length).toBeGreaterThan(0);
      expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(kept.length + 1);
    }
  });

  it('that cannot be read is not taken for an empty one', async () => {
    await expect(TrialRecord.open(join(folder, 'a-folder'), logger)).rejects.toMatchObject({ code: 'RUN_DAMAGED' });
  });
});
