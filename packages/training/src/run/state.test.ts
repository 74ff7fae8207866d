import { afterAll, describe, expect, it } from '@jest/globals';
import type { TensorData } from '@cultivar/sdk';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDefaults, type TrainingRequest } from '../request.js';
import { writeAtomically } from './atomic-file.js';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import { fingerprint } from './fingerprint.js';
import { readRecord, writeRecord } from './record-file.js';
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
  training: {
    features: ['top', 'below'], scaling: { mean: Float64Array.of(0.5, 0.25), deviation: Float64Array.of(1, 2) },
    epoch: 2, step: 11, stopped: false, start: { accuracy: 0.5, loss: Number.MAX_VALUE, calibratedLoss: 0.75 },
    current: { weights: { 'a/kernel': numbers(1, 2) }, kernel: numbers(3), bias: numbers(4) },
    slots: { 'a/kernel|mean': numbers(0.1, 0.2), 'head/bias|step': { data: Float32Array.from([9]), shape: [] } },
    best: { weights: { 'a/kernel': numbers(5, 6) }, kernel: numbers(7), bias: numbers(8), probabilities: numbers(9), score: { accuracy: 0.7, loss: 0.6, calibratedLoss: 0.5 }, epoch: 1 },
  },
};

describe('a checkpoint', () => {
  it('gives the state back, bit by bit', async () => {
    await saveCheckpoint(folder, 'print', state);
    expect(await loadCheckpoint(folder, 'print', '/out')).toEqual(state);
    await saveCheckpoint(folder, 'print', beginning());
    expect(await loadCheckpoint(folder, 'print', '/out')).toEqual(beginning());
  });

  it('of another run is refused; none is no error', async () => {
    await saveCheckpoint(folder, 'print', state);
    await expect(loadCheckpoint(folder, 'other', '/out')).rejects.toMatchObject({ code: 'RESUME_MISMATCH' });
    expect(await loadCheckpoint(join(folder, 'nowhere'), 'print', '/out')).toBeUndefined();
  });
});

describe('a record', () => {
  it('that was cut off anywhere is no record', async () => {
    const path = join(folder, 'record');
    await writeRecord(path, { plain: { name: 'x' }, arrays: { one: numbers(1, 2, 3) } });
    const whole = readFileSync(path);
    expect(await readRecord(path)).toEqual({ plain: { name: 'x' }, arrays: { one: numbers(1, 2, 3) } });
    for (const length of [0, 5, 12, 30, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, length));
      expect(await readRecord(path)).toBeUndefined();
    }
  });
});

describe('a file written atomically', () => {
  it('stays what it was where the new one cannot be written, and the reason is said', async () => {
    const path = join(folder, 'kept');
    await writeAtomically(path, ['old']);
    mkdirSync(`${path}.part`);
    await expect(writeAtomically(path, ['new'])).rejects.toMatchObject({ code: 'OUTPUT_WRITE', exit: 1 });
    expect(readFileSync(path, 'utf8')).toBe('old');
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
