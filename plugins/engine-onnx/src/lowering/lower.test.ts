import { describe, expect, it } from '@jest/globals';
import type { Normalisation } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { OnnxEngine } from '../onnx-engine.js';
import { chain, difference, largestDifference, layers, numbers, randomWeights } from '../testing/agreement.js';
import { lower } from './lower.js';

const [engine, size] = [new OnnxEngine(), 7];
const mean = (x: tf.Tensor) => tf.mean(x, [1, 2]);
const pool = (x: tfl.SymbolicTensor) => layers.globalAveragePooling2d({}).apply(x) as tfl.SymbolicTensor;

/** What plain tfjs gives for normalised pixels, and what the engine gives for the raw ones, as bytes and as floats. */
async function normalisedDifferences(model: tfl.LayersModel, normalisation: Normalisation): Promise<number[]> {
  randomWeights(model);
  const next = numbers(3);
  const shape = [2, size, size, 3];
  const bytes = Uint8Array.from({ length: 2 * size * size * 3 }, () => Math.floor(next() * 256));
  const floats = Float32Array.from(bytes, (byte) => byte / 255);
  const expected = tf.tidy(() => {
    const pixels = tf.tensor4d(floats, [2, size, size, 3]);
    const ordered = normalisation.channels === 'bgr' ? tf.reverse(pixels, 3) : pixels;
    const output = model.predict(tf.div(tf.sub(ordered, tf.tensor1d(normalisation.mean)), tf.tensor1d(normalisation.std))) as tf.Tensor;
    return { data: output.dataSync<'float32'>().slice(), shape: output.shape };
  });
  const program = await engine.inference(model, { normalisation });
  const results = [await program.run({ data: bytes, shape }), await program.run({ data: floats, shape })];
  await program.dispose();
  return results.map(([result]) => difference(expected, result!));
}

describe('lowering', () => {
  const rgb: Normalisation = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], channels: 'rgb' };
  it.each([
    ['same padding', () => [layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' })]],
    ['valid padding', () => [layers.conv2d({ filters: 4, kernelSize: 3, strides: 2 })]],
    ['padding as a layer', () => [layers.zeroPadding2d({ padding: [[0, 1], [0, 1]] }), layers.conv2d({ filters: 4, kernelSize: 3, strides: 2 })]],
    ['no convolution', () => [layers.maxPooling2d({ poolSize: 2 })]],
    ['batch normalisation first', () => [layers.batchNormalization(), layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' })]],
  ] as [string, () => tfl.layers.Layer[]][])('normalises bytes and floats exactly: %s', async (_, first) => {
    for (const normalisation of [rgb, { ...rgb, channels: 'bgr' as const }, { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], channels: 'rgb' as const } satisfies Normalisation]) {
      for (const worst of await normalisedDifferences(chain([size, size, 3], ...first()), normalisation)) expect(worst).toBeLessThan(1e-5);
    }
  });

  it('gives the outputs of any layers, pooled or not, in the order asked for', async () => {
    const input = tfl.input({ shape: [size, size, 3] });
    const one = layers.conv2d({ name: 'one', filters: 4, kernelSize: 3 }).apply(input) as tfl.SymbolicTensor;
    const two = layers.conv2d({ name: 'two', filters: 5, kernelSize: 3 }).apply(one) as tfl.SymbolicTensor;
    const pooled = layers.globalAveragePooling2d({ name: 'pooled' }).apply(two) as tfl.SymbolicTensor;
    const unused = layers.dense({ name: 'unused', units: 2 }).apply(pooled) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: input, outputs: unused });
    randomWeights(model);
    const next = numbers(2);
    const batch = { data: Float32Array.from({ length: 3 * size * size * 3 }, () => next()), shape: [3, size, size, 3] };
    const program = await engine.inference(model, { outputs: [{ layer: 'pooled', pool: 'average' }, { layer: 'one', pool: 'average' }, { layer: 'one' }, { layer: input.name.replace(/:.*$/, '') }, { layer: 'two', pool: 'average' }] });
    const results = await program.run(batch);
    await program.dispose();
    const expected = tf.tidy(() => {
      const all = tfl.model({ inputs: input, outputs: [one, two] }).predict(tf.tensor(batch.data, batch.shape)) as tf.Tensor[];
      return [mean(all[1]!), mean(all[0]!), all[0]!, tf.tensor(batch.data, batch.shape), mean(all[1]!)].map((tensor) => ({ data: tensor.dataSync<'float32'>().slice(), shape: tensor.shape }));
    });
    expect(results).toHaveLength(5);
    results.forEach((result, index) => expect(difference(expected[index]!, result)).toBeLessThan(1e-5));
    expect(lower(model, { outputs: [{ layer: 'one' }] }).nodes.some(({ output }) => output.startsWith('two'))).toBe(false);
  });

  it('dissolves nested models, a Sequential that begins with one, and layers used twice', async () => {
    const inner = chain([6, 6, 3], layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same' }), layers.batchNormalization(), layers.reLU());
    const input = tfl.input({ shape: [6, 6, 3] });
    const once = inner.apply(input) as tfl.SymbolicTensor;
    const twice = inner.apply(once) as tfl.SymbolicTensor;
    expect(await largestDifference(tfl.model({ inputs: input, outputs: layers.add().apply([once, twice]) as tfl.SymbolicTensor }))).toBeLessThan(1e-5);
    const sequential = tfl.sequential({ layers: [tfl.sequential({ layers: [inner] }), layers.flatten(), layers.dense({ units: 2, activation: 'softmax' })] });
    expect(await largestDifference(sequential)).toBeLessThan(1e-5);
  });

  it('takes the branches of a whole classifier', async () => {
    const input = tfl.input({ shape: [9, 9, 3] });
    const low = layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu6' }).apply(input) as tfl.SymbolicTensor;
    const high = layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same' }).apply(low) as tfl.SymbolicTensor;
    const joined = layers.concatenate().apply([pool(low), pool(high)]) as tfl.SymbolicTensor;
    expect(await largestDifference(tfl.model({ inputs: input, outputs: layers.dense({ units: 3, activation: 'softmax' }).apply(joined) as tfl.SymbolicTensor }))).toBeLessThan(1e-6);
  });

  it('names what it cannot express', async () => {
    const code = { code: 'ENGINE_UNSUPPORTED' };
    const transposed = chain([4, 4, 3], layers.conv2d({ filters: 2, kernelSize: 1 }), layers.conv2dTranspose({ name: 'wider', filters: 2, kernelSize: 3 }));
    await expect(engine.inference(transposed, {})).rejects.toMatchObject(code);
    await expect(engine.inference(transposed, {})).rejects.toThrow(/layer wider \(Conv2DTranspose\)/);
    const model = chain([4], layers.dense({ units: 1 }));
    await expect(engine.inference(model, { outputs: [{ layer: 'nowhere' }] })).rejects.toMatchObject(code);
    await expect(engine.inference(model, { normalisation: rgb })).rejects.toMatchObject(code);
  });

  it('makes the same bytes of the same network', async () => {
    const { lowerToOnnx } = await import('../index.js');
    const model = chain([4, 4, 3], layers.conv2d({ filters: 2, kernelSize: 1 }), layers.batchNormalization());
    expect(Buffer.from(lowerToOnnx(model)).equals(lowerToOnnx(model))).toBe(true);
  });
});
