import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { TensorFlowEngine } from './tensorflow-engine.js';

describe('where native TensorFlow is not installed', () => {
  it('one reason says how to install it, and nothing is loaded', async () => {
    const before = process.env['CULTIVAR_CACHE'];
    process.env['CULTIVAR_CACHE'] = '/nowhere';
    const { ok, reasons } = await new TensorFlowEngine().available();
    if (before === undefined) delete process.env['CULTIVAR_CACHE'];
    else process.env['CULTIVAR_CACHE'] = before;
    expect({ ok, reasons }).toEqual({ ok: false, reasons: [expect.stringContaining('cultivar native install')] });
    expect(tf.findBackendFactory('tensorflow')).toBeNull();
  });
});
