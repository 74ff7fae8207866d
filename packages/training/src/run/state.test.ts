import { afterAll, describe, expect, it } from '@jest/globals';
import type { TensorData } from '@cultivar/sdk';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDefaults, type TrainingRequest } from '../request.js';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import { fingerprint } from './fingerprint.js';
import { readRecord, readRecordIfWhole, writeRecord } from './record-file.js';
import { beginning, type RunState } from './run-state.js';

const folder = mkdtempSync(join(tmpdir(), 'cultivar-state-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const numbers = (...values: number[]): TensorData => ({ data: Float32Array.from(values), shape: [values.length] });

const state: RunState = {
  phase: 1,
  history: [{ phase: 'solve', epoch: 1, loss: 0.1, validationLoss: 0.2, validationAccuracy: 0.9, learningRate: 0, seconds: 1.5 }],
  outcomes: [{ phase: 'solve', kept: true, note: 'fine' }],
  head: { features: ['top', 'below'], kernel: { data: Float32Array.from([1, 2, 3, 4]), shape: [2, 2] }, bias: numbers(5, 6) },
  probabilities: { data: Float32Array.from([0.25, 0.75]), shape: [1, 2] },
  tuned: { 'layer/kernel': numbers(7) },
  warnings: [],
  used: ['solver'],
  training: {
    features: ['top', 'below'], scaling: { mean: Float64Array.of(0.5, 0.25), deviation: Float64Array.of(1, 2) },
    epoch: 2, step: 11, stopped: false, moved: true, start: { accuracy: 0.5, loss: Number.MAX_VALUE, calibratedLoss: 0.75 },
    current: { weights: { 'a/kernel': numbers(1, 2) }, kernel: numbers(3), bias: numbers(4) },
    slots: { 'a/kernel|mean': numbers(0.1, 0.2), 'head/bias|step': { data: Float32Array.from([9]), shape: [] } },
    best: { weights: { 'a/kernel': numbers(5, 6) }, kernel: numbers(7), bias: numbers(8), probabilities: numbers(9), score: { accuracy: 0.7, loss: 0.6, calibratedLoss: 0.5 }, epoch: 1 },
  },
};

const said: string[] = [];
const logger = { debug() {}, info() {}, warn: (line: string) => { said.push(line); } };
const flip = (path: string, bit: number): void => {
  const bytes = readFileSync(path);
  bytes[(bit >> 3) % bytes.length]! ^= 1 << (bit & 7);
  writeFileSync(path, bytes);
};

describe('a checkpoint', () => {
  it('gives the state back, bit by bit', async () => {
    await saveCheckpoint(folder, 'print', state);
    expect(await loadCheckpoint(folder, 'print', '/out', logger)).toEqual(state);
    await saveCheckpoint(folder, 'print', beginning());
    expect(await loadCheckpoint(folder, 'print', '/out', logger)).toEqual(beginning());
  });

  it('of another run is refused; none is no error', async () => {
    await saveCheckpoint(folder, 'print', state);
    await expect(loadCheckpoint(folder, 'other', '/out', logger)).rejects.toMatchObject({ code: 'RESUME_MISMATCH' });
    expect(await loadCheckpoint(join(folder, 'nowhere'), 'print', '/out', logger)).toBeUndefined();
  });
});

describe('a damaged checkpoint', () => {
  const last = () => join(folder, 'checkpoint.bin');
  const former = () => join(folder, 'checkpoint.former.bin');
  const saveTwo = async () => {
    await saveCheckpoint(folder, 'print', beginning());
    await saveCheckpoint(folder, 'print', state);
    said.length = 0;
  };

  it('is never taken: the one before it is, and where that is damaged too, none; both are said', async () => {
    for (let bit = 5; bit < 8 * readFileSync(last()).length; bit += 997) {
      await saveTwo();
      flip(last(), bit);
      expect(await loadCheckpoint(folder, 'print', '/out', logger)).toEqual(beginning());
      expect(said).toEqual([expect.stringMatching(/checkpoint\.bin is damaged: .+\. The run goes on from the checkpoint before it\. \[RUN_DAMAGED\]$/)]);
      flip(former(), bit);
      expect(await loadCheckpoint(folder, 'print', '/out', logger)).toBeUndefined();
      expect(said.at(-1)).toMatch(/checkpoint\.former\.bin is damaged: .+ the run begins again/);
    }
  });

  it('is not needed where the last is gone: the kill came between the two', async () => {
    await saveTwo();
    rmSync(last());
    expect(await loadCheckpoint(folder, 'print', '/out', logger)).toEqual(beginning());
    expect(said).toEqual([]);
  });
});

describe('a record', () => {
  it('of which any bit is other is no record, and that is said once', async () => {
    const path = join(folder, 'bits');
    await writeRecord(path, { plain: { name: 'x' }, arrays: { one: numbers(1, 2, 3) } });
    const whole = readFileSync(path);
    for (let bit = 0; bit < 8 * whole.length; bit += 1) {
      writeFileSync(path, whole);
      flip(path, bit);
      await expect(readRecord(path)).rejects.toMatchObject({ code: 'RUN_DAMAGED', message: expect.stringContaining(path) });
    }
    said.length = 0;
    expect(await readRecordIfWhole(path, logger)).toBeUndefined();
    expect(said).toHaveLength(1);
    await expect(readRecord(folder)).rejects.toMatchObject({ code: 'RUN_DAMAGED', message: expect.stringContaining('a folder is in the way') });
    expect(await readRecord(join(folder, 'nowhere'))).toBeUndefined();
  });

  it('that was cut off anywhere is no record', async () => {
    const path = join(folder, 'record');
    await writeRecord(path, { plain: { name: 'x' }, arrays: { one: numbers(1, 2, 3) } });
    const whole = readFileSync(path);
    expect(await readRecord(path)).toEqual({ plain: { name: 'x' }, arrays: { one: numbers(1, 2, 3) } });
    for (const length of [0, 5, 12, 30, 45, 60, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, length));
      await expect(readRecord(path)).rejects.toMatchObject({ code: 'RUN_DAMAGED' });
    }
  });
});

describe('the fingerprint of a run', () => {
  const request: TrainingRequest = { data: 'photos', backbone: { name: 'nano' }, out: 'out', regularizers: [{ name: 'l2', lambda: 0.1 }] };
  const circumstances = { contentHash: 'a', backboneSha256: 'b', engine: 'tfjs', versions: { cultivar: '1' } };
  const print = (change: Partial<TrainingRequest> = {}, around: Partial<typeof circumstances> = {}) => fingerprint(withDefaults({ ...request, ...change }), { ...circumstances, ...around });

  it('is that of all that decides its numbers', () => {
    for (const change of [{ seed: 1 }, { epochs: 3 }, { backbone: { name: 'mobilenet-v2' } }, { regularizers: [{ name: 'l2', lambda: 0.2 }] }]) expect(print(change)).not.toBe(print());
    expect(print({}, { contentHash: 'c' })).not.toBe(print());
    expect(print({}, { engine: 'onnx' })).not.toBe(print());
  });
  it('and of nothing else', () => {
    expect(print({ out: 'elsewhere', resume: true, data: './photos', callbacks: [{ name: 'listener' }] })).toBe(print());
    expect(print({ backbone: { name: 'nano', a: 1, b: 2 } })).toBe(print({ backbone: { b: 2, a: 1, name: 'nano' } }));
  });
});
