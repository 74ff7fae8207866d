import { beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { seeded, smallNetwork } from '../../../test/conformance/networks.js';
import { readyBackend } from './backend.js';
import { TfjsEngine } from './tfjs-engine.js';

const engine = new TfjsEngine();
const normalisation = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4], channels: 'bgr' } as { mean: [number, number, number]; std: [number, number, number]; channels: 'bgr' };
const bytes = Uint8Array.from({ length: 2 * 8 * 8 * 3 }, (_, index) => (index * 37) % 256);
const shape: [number, number, number, number] = [2, 8, 8, 3];
const worst = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.max(...Array.from(a, (value, index) => Math.abs(value - b[index]!)));

beforeAll(async () => {
  await readyBackend();
});

describe('tfjs inference', () => {
  it('normalises bytes and floats, and pools the outputs asked for', async () => {
    const before = tf.memory().numTensors;
    const model = smallNetwork();
    const program = await engine.inference(model, { normalisation, outputs: [{ layer: 'skip', pool: 'average' }, { layer: 'stem' }, { layer: 'skip' }] });
    const results = await program.run({ data: bytes, shape });
    const again = await program.run({ data: Float32Array.from(bytes, (byte) => byte / 255), shape });
    await program.dispose();
    const expected = tf.tidy(() => {
      const pixels = tf.reverse(tf.div(tf.tensor4d(Float32Array.from(bytes), shape), 255), 3);
      const output = model.predict(tf.div(tf.sub(pixels, tf.tensor1d(normalisation.mean)), tf.tensor1d(normalisation.std))) as tf.Tensor;
      return { output: output.dataSync(), pooled: tf.mean(output, [1, 2]).dataSync() };
    });
    expect(results.map((result) => result.shape)).toEqual([[2, 6], [2, 4, 4, 6], [2, 4, 4, 6]]);
    expect(worst(results[0]!.data, expected.pooled)).toBeLessThan(1e-5);
    expect(worst(results[2]!.data, expected.output)).toBeLessThan(1e-5);
    expect(worst(again[2]!.data, expected.output)).toBeLessThan(1e-5);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps the weights of the time it was made, and leaves the new ones in place', async () => {
    const model = smallNetwork();
    const program = await engine.inference(model, {});
    const data = Float32Array.from(bytes, (byte) => byte / 255);
    const [before] = await program.run({ data, shape });
    for (const weight of model.weights) tf.tidy(() => void weight.write(tf.add(weight.read(), 0.25)));
    const changed = Array.from(model.weights[0]!.read().dataSync());
    const tensors = tf.memory().numTensors;
    const [after] = await program.run({ data, shape });
    expect(after!.data).toEqual(before!.data);
    expect(Array.from(model.weights[0]!.read().dataSync())).toEqual(changed);
    expect(tf.memory().numTensors).toBe(tensors);
    await program.dispose();
    await expect(program.run({ data, shape })).rejects.toThrow(/disposed/);
  });

  it('lets runs overlap', async () => {
    const model = seeded(smallNetwork());
    const program = await engine.inference(model, {});
    const before = tf.memory().numTensors;
    const results = await Promise.all([1, 2, 3].map((batch) => program.run({ data: new Float32Array(batch * 192).fill(0.1), shape: [batch, 8, 8, 3] })));
    expect(results.map(([result]) => result!.shape[0])).toEqual([1, 2, 3]);
    expect(tf.memory().numTensors).toBe(before);
    await program.dispose();
  });
});
