import { afterAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FeatureStore } from './feature-store.js';

const folder = mkdtempSync(join(tmpdir(), 'cultivar-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const value = (entry: number, j: number): number => entry * 8 + j / 4;
const rows = (entries: number[]): Float32Array => Float32Array.from(entries.flatMap((entry) => [...Array(6).keys()].map((j) => value(entry, j))));

describe('the feature store', () => {
  it.each([['in memory', 1e6, 0], ['half in a file', 5 * 12, 5], ['all in a file', 0, 10]])('gives back what it was given: %s', async (_, memoryBudget, spilled) => {
    const file = join(folder, 'deep', `${memoryBudget}.bin`);
    const store = new FeatureStore({ shape: [2, 3], file, memoryBudget });
    await store.put([4, 3, 0, 9], { data: rows([4, 3, 0, 9]), shape: [4, 2, 3] });
    await store.put([1, 2, 5, 6, 7, 8], { data: rows([1, 2, 5, 6, 7, 8]), shape: [6, 2, 3] });
    expect(store.spilled).toBe(spilled);
    expect(await store.get([9, 0, 5, 5])).toEqual({ data: rows([9, 0, 5, 5]), shape: [4, 2, 3] });
    expect(store.has(9)).toBe(true);
    expect(store.has(10)).toBe(false);
    await store.dispose();
    expect(existsSync(file)).toBe(false);
  });

  it.each([['in memory', 1e6], ['in a file', 0]])('reads into the same array again where asked to: %s', async (_, memoryBudget) => {
    const store = new FeatureStore({ shape: [2, 3], file: join(folder, 'again', `${memoryBudget}.bin`), memoryBudget });
    await store.put([0, 1, 2], { data: rows([0, 1, 2]), shape: [3, 2, 3] });
    const kept = await store.get([0, 1]);
    const first = await store.getInPlace([2, 0, 1]);
    expect(first).toEqual({ data: rows([2, 0, 1]), shape: [3, 2, 3] });
    const second = await store.getInPlace([1, 2]);
    expect(second).toEqual({ data: rows([1, 2]), shape: [2, 2, 3] });
    expect(second.data.buffer).toBe(first.data.buffer);
    expect(kept.data).toEqual(rows([0, 1]));
    await store.dispose();
  });

  it.each([['in memory', 1e6], ['in a file', 0]])('keeps numbers that are beyond half precision: %s', async (_, memoryBudget) => {
    const store = new FeatureStore({ shape: [2, 3], file: join(folder, 'huge', `${memoryBudget}.bin`), memoryBudget });
    const given = [[0, 65_504, 65_519, -65_520, 1e5, 3], [1, 2, -3e38, 1e36, 0, 2e37], [Infinity, -Infinity, NaN, 1, 2, 3], [Infinity, -7e4, NaN, 1, 2, 7e8], [1, 2, 3, 4, 5, 6]];
    await store.put([0, 1, 2, 3, 4], { data: Float32Array.from(given.flat()), shape: [5, 2, 3] });
    for (const how of ['get', 'getInPlace'] as const) {
      const { data } = await store[how]([3, 4, 0, 1, 2]);
      [3, 4, 0, 1, 2].forEach((entry, row) => given[entry]!.forEach((value, at) => {
        const there = data[row * 6 + at]!;
        const smallest = Math.max(...given[entry]!.filter(Number.isFinite).map(Math.abs)) * 2 ** -39;
        if (Number.isFinite(value)) expect(Math.abs(there - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -11 + smallest);
        else expect(there).toBe(value);
      }));
    }
    await store.dispose();
  });

  it('never gives back what was changed in its file, nor a part of it', async () => {
    const file = join(folder, 'changed.bin');
    const store = new FeatureStore({ shape: [2, 3], file, memoryBudget: 0 });
    await Promise.all([[0, 1], [2, 3]].map((entries) => store.put(entries, { data: rows(entries), shape: [2, 2, 3] })));
    expect(await store.get([3, 2, 1, 0])).toEqual({ data: rows([3, 2, 1, 0]), shape: [4, 2, 3] });
    const bytes = readFileSync(file);
    bytes[13]! ^= 4;
    writeFileSync(file, bytes.subarray(0, bytes.length - 1));
    const outcomes = await Promise.allSettled([0, 1, 2, 3].map((entry) => store.get([entry])));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'RUN_DAMAGED' });
    await store.dispose();
  });

  it('says when the disk does not take it', async () => {
    const store = new FeatureStore({ shape: [1], file: join(folder, 'deep'), memoryBudget: 0 });
    rmSync(join(folder, 'deep'), { recursive: true, force: true });
    const blocked = new FeatureStore({ shape: [1], file: '/dev/null/nowhere.bin', memoryBudget: 0 });
    await expect(blocked.put([0], { data: new Float32Array(1), shape: [1, 1] })).rejects.toMatchObject({ code: 'OUTPUT_WRITE' });
    await blocked.dispose();
    await store.dispose();
  });
});
