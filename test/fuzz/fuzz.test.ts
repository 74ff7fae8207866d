/**
 * Attacks all targets for an equal share of the time each. By hand, any length and any of them:
 *
 *     FUZZ_SECONDS=3600 FUZZ_SEED=12345 FUZZ_TARGET=images \
 *       node --experimental-vm-modules node_modules/jest/bin/jest.js test/fuzz --testTimeout=4000000
 *
 * A failure names its seed: FUZZ_SEED set to it makes the same case first.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { CultivarError } from '@cultivar/sdk';
import type { FuzzTarget } from './target.js';
import { targets } from './targets.js';

const seconds = Number(process.env['FUZZ_SECONDS'] ?? 60);
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1);
const chosen = process.env['FUZZ_TARGET'] === undefined ? targets : targets.filter(({ name }) => name === process.env['FUZZ_TARGET']);
/** One attempt that takes longer hangs. */
const hangs = 60_000;

const counts: string[] = [];
afterAll(() => { process.stderr.write(`fuzz, ${seconds} s from seed ${firstSeed}: ${counts.join(', ')}\n`); });

describe('nothing is fatal, nothing silently wrong', () => {
  it('of the targets that were asked for', () => { expect(chosen.length).toBeGreaterThan(0); });

  it.each(chosen)('$name', async (target) => {
    const base = await mkdtemp(join(tmpdir(), 'cultivar-fuzz-'));
    const until = Date.now() + (seconds * 1000) / chosen.length;
    const findings: string[] = [];
    let attempts = 0;
    try {
      do {
        const seed = firstSeed + attempts;
        const folder = join(base, String(seed));
        await mkdir(folder);
        const finding = await outcome(target, seed, folder);
        if (finding !== undefined) findings.push(`${target.name}, seed ${seed}: ${finding}`);
        await rm(folder, { recursive: true, force: true });
        attempts += 1;
      } while (Date.now() < until && findings.length < 20);
    } finally {
      await target.end?.();
      await rm(base, { recursive: true, force: true });
      counts.push(`${target.name} ${attempts} attempts, ${findings.length} findings`);
    }
    expect(findings).toEqual([]);
  }, seconds * 1000 + 2 * hangs);
});

async function outcome(target: FuzzTarget, seed: number, folder: string): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => { timer = setTimeout(() => { resolve(`no answer within ${hangs / 1000} s`); }, hangs); });
  try {
    return await Promise.race([target.attempt(seed, folder), late]);
  } catch (error) {
    return error instanceof CultivarError ? undefined : `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  } finally {
    clearTimeout(timer);
  }
}
