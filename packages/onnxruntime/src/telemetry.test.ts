import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runInThisContext } from 'node:vm';
import { withoutTelemetry } from './telemetry.js';

const variable = 'ORT_DISABLE_TELEMETRY';
/** The environment of the process: what a test sees as `process.env` is a copy. */
const real = (runInThisContext('process') as NodeJS.Process).env;

describe('the telemetry of ONNX Runtime', () => {
  let before: string | undefined;
  beforeEach(() => { before = real[variable]; });
  afterEach(() => {
    if (before === undefined) delete real[variable];
    else real[variable] = before;
  });

  it('is off while the runtime starts, and the environment afterwards as it was', async () => {
    delete real[variable];
    expect(await withoutTelemetry(async () => real[variable])).toBe('1');
    expect(variable in real).toBe(false);
  });

  it('takes an empty variable for none', async () => {
    real[variable] = '';
    expect(await withoutTelemetry(async () => real[variable])).toBe('1');
    expect(real[variable]).toBe('');
  });

  it.each(['0', 'false', '1', 'yes'])('is what the user says where he has said so: %s', async (value) => {
    real[variable] = value;
    expect(await withoutTelemetry(async () => real[variable])).toBe(value);
    expect(real[variable]).toBe(value);
  });

  it('leaves the environment as it was where the start fails', async () => {
    delete real[variable];
    await expect(withoutTelemetry(async () => { throw new Error('no library'); })).rejects.toThrow('no library');
    expect(variable in real).toBe(false);
  });

  it('starts nothing where the variable cannot be set', async () => {
    let started = false;
    await expect(withoutTelemetry(async () => { started = true; }, async () => { throw new Error('not allowed'); })).rejects.toThrow(/cannot be switched off.*not allowed.*ORT_DISABLE_TELEMETRY=1/);
    expect(started).toBe(false);
  });
});
