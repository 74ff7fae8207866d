import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { installedNativeTensorFlow, type TrainingOptions } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { readyTensorFlow } from './backend.js';
import { smallNetwork, snapshot } from './testing/networks.js';
import { TensorFlowEngine } from './tensorflow-engine.js';

const engine = new TensorFlowEngine();
const installed = await installedNativeTensorFlow();
const why = installed ? '' : ' (skipped: run `cultivar native install`)';

const loss = (head: tf.Variable) => (features: tf.Tensor): tf.Scalar => tf.mean(tf.square(tf.matMul(tf.mean<tf.Tensor2D>(features, [1, 2]), head as tf.Tensor as tf.Tensor2D)));
const images = () => tf.randomUniform([3, 8, 8, 3], -1, 1, 'float32', 5);
let heads = 0;
// Plain JavaScript advertises tfjs-node otherwise.
tf.enableProdMode();
const newHead = () => tf.tidy(() => tf.variable(tf.randomUniform([6, 2], -1, 1, 'float32', 6), true, `head-${heads++}`));

/** One step's loss and gradients, as plain numbers; the head's under `head`. */
async function step(model: LayersModel, options: TrainingOptions): Promise<{ loss: number; gradients: Record<string, number[]> }> {
  const before = tf.memory().numTensors;
  const [input, head] = [images(), newHead()];
  const program = await engine.training(model, options);
  const result = await program.lossAndGradients(input, loss(head), [head]);
  const gradients = Object.fromEntries(Object.entries(result.gradients).map(([name, tensor]) => [name === head.name ? 'head' : name, Array.from(tensor.dataSync())]));
  tf.dispose([result.gradients, input, head]);
  await program.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return { loss: result.loss, gradients };
}

(installed ? describe : describe.skip)(`training on native TensorFlow${why}`, () => {
  beforeAll(() => readyTensorFlow());

  it('frozen batch-norm: names, no gradients for scale and offset, and nothing moves', async () => {
    const model = smallNetwork();
    const program = await engine.training(model, { batchNorm: 'frozen' });
    expect(Object.keys(program.parameters)).toEqual(['stem/kernel', 'deep/depthwise_kernel', 'deep/bias', 'point/kernel', 'point/bias']);
    const [input, head, before] = [images(), newHead(), snapshot(model)];
    for (let index = 0; index < 4; index++) {
      const { gradients } = await program.lossAndGradients(input, loss(head), [head]);
      tf.tidy(() => {
        for (const [name, variable] of Object.entries(program.parameters)) variable.assign(tf.sub(variable, tf.mul(gradients[name]!, 0.1)));
      });
      tf.dispose(gradients);
    }
    const after = snapshot(model);
    for (const name of Object.keys(before)) {
      if (name.includes('_bn/')) expect(after[name]).toEqual(before[name]);
      else expect(after[name]).not.toEqual(before[name]);
    }
    tf.dispose([input, head]);
    model.dispose();
  });

  it.each(['frozen', 'train'] as const)('loss and gradients are those of the layers as tfjs composes them: batch-norm %s', async (batchNorm) => {
    const model = smallNetwork();
    const options: TrainingOptions = { batchNorm, batchNormMomentum: 1 };
    const { parameters } = await engine.training(model, options);
    // On plain JavaScript, from the operators that tfjs composes: native TensorFlow has no part in it.
    await tf.setBackend('cpu');
    const expected = tf.tidy(() => {
      const head = newHead();
      const { value, grads } = tf.engine().gradients(() => loss(head)(model.apply(images(), { training: batchNorm === 'train' }) as tf.Tensor), [...Object.values(parameters), head]);
      head.dispose();
      return { loss: value.dataSync()[0]!, gradients: grads.map((gradient) => Array.from(gradient.dataSync())) };
    });
    await readyTensorFlow();
    const result = await step(model, options);
    expect(Math.abs(result.loss - expected.loss)).toBeLessThan(1e-5);
    Object.values(result.gradients).forEach((values, which) => {
      expect(Math.max(...values.map((value, index) => Math.abs(value - expected.gradients[which]![index]!)))).toBeLessThan(1e-5);
    });
    model.dispose();
  });

  it.each([{}, { scale: false }, { center: false }, { scale: false, center: false }])('trained batch-norm with %j moves its statistics by the momentum asked for', async (kind) => {
    const model = smallNetwork({ ...kind, momentum: 0.99 });
    const before = snapshot(model);
    const { gradients } = await step(model, { batchNorm: 'train', batchNormMomentum: 0.8 });
    expect('stem_bn/gamma' in gradients).toBe(!('scale' in kind));
    expect('stem_bn/beta' in gradients).toBe(!('center' in kind));
    const after = snapshot(model);
    const expected = tf.tidy(() => {
      const x = tf.conv2d(images() as tf.Tensor4D, model.getLayer('stem').getWeights()[0] as tf.Tensor4D, 2, 'same');
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      const places = x.size / 6;
      return { mean: mean.dataSync(), variance: tf.mul(variance, places / (places - 1)).dataSync() };
    });
    const mixed = (name: string, batch: ArrayLike<number>) => after[name]!.map((value, index) => Math.abs(value - (0.8 * before[name]![index]! + 0.2 * batch[index]!)));
    expect(Math.max(...mixed('stem_bn/moving_mean', expected.mean), ...mixed('stem_bn/moving_variance', expected.variance))).toBeLessThan(1e-5);
    await step(model, { batchNorm: 'train' });
    const own = snapshot(model)['stem_bn/moving_mean']!.map((value, index) => Math.abs(value - (0.99 * after['stem_bn/moving_mean']![index]! + 0.01 * expected.mean[index]!)));
    expect(Math.max(...own)).toBeLessThan(1e-5);
    model.dispose();
  });

  it('a weight that the loss does not read has a gradient of zeros', async () => {
    const model = smallNetwork();
    const program = await engine.training(model, { batchNorm: 'frozen' });
    const [input, head] = [images(), newHead()];
    const { gradients } = await program.lossAndGradients(input, () => tf.sum<tf.Scalar>(tf.square(head)), [head]);
    expect(Array.from(gradients['stem/kernel']!.dataSync()).every((value) => value === 0)).toBe(true);
    expect(gradients[head.name]!.shape).toEqual([6, 2]);
    tf.dispose([gradients, input, head]);
    model.dispose();
  });

  it('an error in the loss leaves no tensors', async () => {
    const model = smallNetwork();
    const program = await engine.training(model, { batchNorm: 'train' });
    const input = images();
    const before = tf.memory().numTensors;
    await expect(program.lossAndGradients(input, () => { throw new Error('no loss'); }, [])).rejects.toThrow('no loss');
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(input);
    model.dispose();
  });
});


(installed ? describe : describe.skip)(`native TensorFlow${why}`, () => {
  beforeAll(() => readyTensorFlow());

  it('shares the one copy of tfjs-core', () => {
    expect(tf.getBackend()).toBe('tensorflow');
    const sum = tf.add(tf.tensor1d([1, 2]), 1);
    expect(sum).toBeInstanceOf(tf.Tensor);
    expect(tf.engine().backend).toBe(tf.findBackend('tensorflow'));
    expect(Array.from(sum.dataSync())).toEqual([2, 3]);
  });

  it('batch-norm without a scale is batch-norm with a scale of one', async () => {
    const [without, plain] = [smallNetwork({ scale: false }), smallNetwork()];
    for (const layer of plain.layers) {
      if (layer.getClassName() === 'BatchNormalization') {
        const [beta, mean, variance] = without.getLayer(layer.name).getWeights() as [tf.Tensor, tf.Tensor, tf.Tensor];
        layer.setWeights([tf.onesLike(beta), beta, mean, variance]);
      } else layer.setWeights(without.getLayer(layer.name).getWeights());
    }
    const options: TrainingOptions = { batchNorm: 'train', batchNormMomentum: 0.9 };
    const [a, b] = [await step(without, options), await step(plain, options)];
    for (const [name, values] of Object.entries(a.gradients)) values.forEach((value, index) => expect(value).toBeCloseTo(b.gradients[name]![index]!, 5));
  });

  it('infers what plain JavaScript infers, at any layer', async () => {
    const model = smallNetwork();
    const options = { outputs: [{ layer: 'stem' }, { layer: 'stem_relu', pool: 'average' as const }, { layer: 'skip' }] };
    const batch = { data: images().dataSync<'float32'>(), shape: [3, 8, 8, 3] };
    const before = tf.memory().numTensors;
    const program = await engine.inference(model, options);
    const results = await program.run(batch);
    await program.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await tf.setBackend('cpu');
    const stem = model.getLayer('stem').output as SymbolicTensor;
    const whole = model.predict(tf.tensor(batch.data, batch.shape)) as tf.Tensor;
    const expected = Array.from(whole.dataSync());
    expect(results[0]!.shape).toEqual([3, ...stem.shape.slice(1)]);
    expect(results[1]!.shape).toEqual([3, 6]);
    results[2]!.data.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 4));
    await readyTensorFlow();
  });

  it('300 steps leave the tensor count as it was', async () => {
    const model = smallNetwork();
    const program = await engine.training(model, { batchNorm: 'train' });
    const [input, head] = [images(), newHead()];
    const before = tf.memory().numTensors;
    for (let index = 0; index < 300; index++) tf.dispose((await program.lossAndGradients(input, loss(head), [head])).gradients);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([input, head]);
  });
});
