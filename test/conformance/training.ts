/** What every engine that trains has to do, as a suite of tests. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Engine, TrainingOptions, TrainingProgram } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { put, seeded, smallNetwork, snapshot } from './networks.js';

const { layers } = tfl;

export interface TrainingEngine extends Engine {
  training(suffix: tfl.LayersModel, options: TrainingOptions): Promise<TrainingProgram>;
}

interface Backends {
  /** Makes the engine's own backend the active one. */
  ready: () => Promise<unknown>;
  /** Makes active the one on which tfjs composes what is expected; the engine's own when absent. */
  reference?: () => Promise<unknown>;
  /** Why the suite is skipped. */
  skipped?: string;
}

const meanSquare = (y: tf.Tensor): tf.Scalar => tf.mean(tf.square(y));
const loss = (head: tf.Variable) => (features: tf.Tensor): tf.Scalar => meanSquare(tf.matMul(tf.mean<tf.Tensor2D>(features, [1, 2]), head as tf.Tensor as tf.Tensor2D));
export const images = () => tf.randomUniform([3, 8, 8, 3], -1, 1, 'float32', 5);
let heads = 0;
/** Weights for two classes, behind the output of a model. */
const newHead = (model: tfl.LayersModel) => tf.tidy(() => tf.variable(tf.randomUniform([(model.outputs[0]!.shape as number[]).at(-1)!, 2], -1, 1, 'float32', 6), true, `head-${heads++}`));
const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.max(...Array.from(a, (value, index) => Math.abs(value - b[index]!)));

/** One step's loss and gradients, as plain numbers; the head's under `head`. */
export async function step(engine: TrainingEngine, model: tfl.LayersModel, options: TrainingOptions): Promise<{ loss: number; gradients: Record<string, number[]> }> {
  const before = tf.memory().numTensors;
  const [input, head] = [images(), newHead(model)];
  const program = await engine.training(model, options);
  const result = await program.lossAndGradients(input, loss(head), [head]);
  const gradients = Object.fromEntries(Object.entries(result.gradients).map(([name, tensor]) => [name === head.name ? 'head' : name, Array.from(tensor.dataSync())]));
  tf.dispose([result.gradients, input, head]);
  await program.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return { loss: result.loss, gradients };
}

/** Largest difference between the gradients of a program and those of the layers as tfjs composes them. */
async function worstGradient(engine: TrainingEngine, model: tfl.LayersModel, { ready, reference = ready }: Backends, batchNorm: 'frozen' | 'train' = 'frozen'): Promise<number> {
  const shape = [2, ...(model.inputs[0]!.shape.slice(1) as number[])];
  const input = () => tf.randomUniform(shape, -1, 1, 'float32', 3);
  const program = await engine.training(model, { batchNorm });
  const x = input();
  const before = tf.memory().numTensors;
  const { gradients } = await program.lossAndGradients(x, meanSquare, []);
  const found = Object.values(gradients).map((gradient) => gradient.dataSync());
  tf.dispose(gradients);
  expect(tf.memory().numTensors).toBe(before);
  x.dispose();
  await reference();
  const expected = tf.tidy(() => tf.engine().gradients(() => meanSquare(model.apply(input(), { training: batchNorm === 'train' }) as tf.Tensor), Object.values(program.parameters)).grads.map((gradient) => gradient.dataSync()));
  await ready();
  await program.dispose();
  return Math.max(...found.map((values, index) => worst(values, expected[index]!)));
}

const chains: [string, () => tfl.layers.Layer[]][] = [
  ['relu, several filters a channel', () => [layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' }), layers.batchNormalization(), layers.activation({ activation: 'relu' })]],
  ['no bias', () => [layers.depthwiseConv2d({ kernelSize: 5, useBias: false }), layers.batchNormalization(), layers.reLU({ maxValue: 6 })]],
  ['many channels, two strides', () => [
    layers.conv2d({ filters: 19, kernelSize: 1 }), layers.batchNormalization(), layers.reLU({ maxValue: 6 }),
    layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', strides: 2 }), layers.batchNormalization(), layers.activation({ activation: 'relu' }),
    layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }), layers.reLU({ maxValue: 6 }),
  ]],
  ['another ceiling', () => [layers.conv2d({ filters: 4, kernelSize: 3, activation: 'linear' }), layers.reLU({ maxValue: 1 })]],
  ['an activation of its own', () => [layers.conv2d({ filters: 4, kernelSize: 3, activation: 'tanh' }), layers.batchNormalization()]],
  ['separable, leaky', () => [layers.conv2d({ filters: 4, kernelSize: 1 }), layers.separableConv2d({ filters: 3, kernelSize: 2 }), layers.leakyReLU()]],
];

const convolution = (filters: number, kernelSize: number, strides = 1) => layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false });
const deep = (kernelSize: number, strides = 1, padding: 'same' | 'valid' = 'same') => layers.depthwiseConv2d({ kernelSize, strides, padding, useBias: false });
const normalised = (activation?: 'relu' | 'relu6') => [layers.batchNormalization(), ...(activation ? [layers.activation({ activation })] : [])];

/** Convolutions in a row, each with a batch-norm on the batch; numbers of channels that fill vectors of a processor, and some that do not. */
const rows: [string, () => tfl.layers.Layer[]][] = [
  ['a bottleneck from pixels on', () => [convolution(13, 3, 2), ...normalised('relu6'), deep(3), ...normalised('relu6'), convolution(21, 1), ...normalised()]],
  ['pointwise first, two strides', () => [convolution(24, 1), ...normalised('relu'), deep(3, 2), ...normalised('relu6'), convolution(40, 1), ...normalised('relu'), convolution(7, 1), ...normalised()]],
  ['depthwise first, a valid window, none rectified', () => [deep(3, 1, 'valid'), ...normalised(), deep(5, 1, 'same'), ...normalised(), convolution(16, 1), ...normalised()]],
  ['ended by an offset', () => [convolution(32, 1), ...normalised('relu6'), layers.conv2d({ filters: 9, kernelSize: 1 }), ...normalised('relu6')]],
];

interface Kind {
  filters?: number;
  scale?: boolean;
  center?: boolean;
}
const kinds: Kind[] = [{}, { scale: false }, { center: false }, { scale: false, center: false }];

/** `smallNetwork` written out by hand: tfjs-layers itself cannot train batch-norm without a scale. @returns statistics of each batch-norm as well */
function byHand(weight: (name: string) => tf.Tensor, x: tf.Tensor, { scale = true, center = true }: Kind): { y: tf.Tensor; statistics: Record<string, tf.Tensor> } {
  const statistics: Record<string, tf.Tensor> = {};
  const normalised = (z: tf.Tensor, name: string): tf.Tensor => {
    const { mean, variance } = tf.moments(z, [0, 1, 2]);
    const places = z.size / z.shape.at(-1)!;
    statistics[`${name}/moving_mean`] = mean;
    statistics[`${name}/moving_variance`] = tf.mul(variance, places / (places - 1));
    const h = tf.div(tf.sub(z, mean), tf.sqrt(tf.add(variance, 1e-3)));
    const scaled = scale ? tf.mul(h, weight(`${name}/gamma`)) : h;
    return tf.clipByValue(center ? tf.add(scaled, weight(`${name}/beta`)) : scaled, 0, 6);
  };
  const stem = normalised(tf.conv2d(x as tf.Tensor4D, weight('stem/kernel') as tf.Tensor4D, 2, 'same'), 'stem_bn');
  const deep = normalised(tf.add(tf.depthwiseConv2d(stem as tf.Tensor4D, weight('deep/depthwise_kernel') as tf.Tensor4D, 1, 'same'), weight('deep/bias')), 'deep_bn');
  const point = tf.add(tf.conv2d(deep as tf.Tensor4D, weight('point/kernel') as tf.Tensor4D, 1, 'same'), weight('point/bias'));
  return { y: tf.add(stem, point), statistics };
}

export function describeTraining(name: string, engine: TrainingEngine, backends: Backends): void {
  const { ready, reference = ready, skipped } = backends;
  (skipped ? describe.skip : describe)(`training on ${name}${skipped ? ` (skipped: ${skipped})` : ''}`, () => {
    beforeAll(async () => {
      await ready();
    });

    it('frozen batch-norm: names, no gradients for scale and offset, and nothing moves', async () => {
      const model = smallNetwork();
      const program = await engine.training(model, { batchNorm: 'frozen' });
      expect(Object.keys(program.parameters)).toEqual(['stem/kernel', 'deep/depthwise_kernel', 'deep/bias', 'point/kernel', 'point/bias']);
      const [input, head, before] = [images(), newHead(model), snapshot(model)];
      for (let index = 0; index < 4; index++) {
        const { gradients } = await program.lossAndGradients(input, loss(head), [head]);
        tf.tidy(() => {
          for (const [weight, variable] of Object.entries(program.parameters)) variable.assign(tf.sub(variable, tf.mul(gradients[weight]!, 0.1)));
        });
        tf.dispose(gradients);
      }
      const after = snapshot(model);
      for (const weight of Object.keys(before)) {
        if (weight.includes('_bn/')) expect(after[weight]).toEqual(before[weight]);
        else expect(after[weight]).not.toEqual(before[weight]);
      }
      tf.dispose([input, head]);
      model.dispose();
    });

    it.each(['frozen', 'train'] as const)('loss and gradients are those of the layers as tfjs composes them: batch-norm %s', async (batchNorm) => {
      const model = smallNetwork();
      const options: TrainingOptions = { batchNorm, batchNormMomentum: 1 };
      const { parameters } = await engine.training(model, options);
      await reference();
      const expected = tf.tidy(() => {
        const head = newHead(model);
        const { value, grads } = tf.engine().gradients(() => loss(head)(model.apply(images(), { training: batchNorm === 'train' }) as tf.Tensor), [...Object.values(parameters), head]);
        head.dispose();
        return { loss: value.dataSync()[0]!, gradients: grads.map((gradient) => Array.from(gradient.dataSync())) };
      });
      await ready();
      const result = await step(engine, model, options);
      expect(Math.abs(result.loss - expected.loss)).toBeLessThan(1e-5);
      Object.values(result.gradients).forEach((values, which) => expect(worst(values, expected.gradients[which]!)).toBeLessThan(1e-5));
      model.dispose();
    });

    it.each(kinds)('trained batch-norm with %j moves its statistics by the momentum asked for', async (kind) => {
      const model = smallNetwork({ ...kind, momentum: 0.99 });
      const before = snapshot(model);
      const { gradients } = await step(engine, model, { batchNorm: 'train', batchNormMomentum: 0.8 });
      expect('stem_bn/gamma' in gradients).toBe(!('scale' in kind));
      expect('stem_bn/beta' in gradients).toBe(!('center' in kind));
      const after = snapshot(model);
      const expected = tf.tidy(() => {
        const x = tf.conv2d(images() as tf.Tensor4D, model.getLayer('stem').getWeights()[0] as tf.Tensor4D, 2, 'same');
        const { mean, variance } = tf.moments(x, [0, 1, 2]);
        const places = x.size / 6;
        return { mean: mean.dataSync(), variance: tf.mul(variance, places / (places - 1)).dataSync() };
      });
      const mixed = (weight: string, batch: ArrayLike<number>) => worst(after[weight]!, before[weight]!.map((value, index) => 0.8 * value + 0.2 * batch[index]!));
      expect(mixed('stem_bn/moving_mean', expected.mean)).toBeLessThan(1e-5);
      expect(mixed('stem_bn/moving_variance', expected.variance)).toBeLessThan(1e-5);
      await step(engine, model, { batchNorm: 'train' });
      const own = after['stem_bn/moving_mean']!.map((value, index) => 0.99 * value + 0.01 * expected.mean[index]!);
      expect(worst(snapshot(model)['stem_bn/moving_mean']!, own)).toBeLessThan(1e-5);
      model.dispose();
    });

    // 19: more channels than a vector of a processor holds, and some left over.
    it.each([...kinds, { filters: 19 }])('trained batch-norm with %j: loss, gradients and statistics are those of the formula written out', async (kind) => {
      const model = smallNetwork(kind);
      const { parameters } = await engine.training(model, { batchNorm: 'train' });
      await reference();
      const expected = tf.tidy(() => {
        const head = newHead(model);
        const weight = (name: string) => parameters[name]! as tf.Tensor;
        const { value, grads } = tf.engine().gradients(() => loss(head)(byHand(weight, images(), kind).y), Object.values(parameters));
        const { statistics } = byHand(weight, images(), kind);
        head.dispose();
        return {
          loss: value.dataSync()[0]!, gradients: Object.fromEntries(Object.keys(parameters).map((name, index) => [name, Array.from(grads[index]!.dataSync())])),
          statistics: Object.fromEntries(Object.entries(statistics).map(([name, tensor]) => [name, Array.from(tensor.dataSync())])),
        };
      });
      await ready();
      // With a momentum of zero the moving statistics become those of the batch.
      const result = await step(engine, model, { batchNorm: 'train', batchNormMomentum: 0 });
      expect(Math.abs(result.loss - expected.loss)).toBeLessThan(1e-5);
      expect(Object.keys(result.gradients).filter((name) => name !== 'head')).toEqual(Object.keys(expected.gradients));
      for (const [name, values] of Object.entries(expected.gradients)) expect(worst(result.gradients[name]!, values)).toBeLessThan(1e-5);
      const after = snapshot(model);
      expect(Object.keys(expected.statistics)).toHaveLength(4);
      for (const [name, values] of Object.entries(expected.statistics)) expect(worst(after[name]!, values)).toBeLessThan(1e-5);
      model.dispose();
    });

    it.each(['frozen', 'train'] as const)('batch-norm without a scale, which tfjs itself cannot train, is batch-norm with a scale of one: %s', async (batchNorm) => {
      const [without, plain] = [smallNetwork({ scale: false }), smallNetwork()];
      for (const layer of plain.layers) {
        const weights = without.getLayer(layer.name).getWeights();
        tf.tidy(() => layer.setWeights(layer.getClassName() === 'BatchNormalization' ? [tf.onesLike(weights[0]!), ...weights] : weights));
      }
      const [a, b] = [await step(engine, without, { batchNorm }), await step(engine, plain, { batchNorm })];
      expect(a.loss).toBeCloseTo(b.loss, 5);
      for (const [weight, values] of Object.entries(a.gradients)) expect(worst(values, b.gradients[weight]!)).toBeLessThan(1e-5);
      without.dispose();
      plain.dispose();
    });

    it('leaves alone what others read, and what is asked for', async () => {
      const input = tfl.input({ shape: [6, 6, 3] });
      const convolved = put(layers.conv2d({ name: 'shared', filters: 4, kernelSize: 3, padding: 'same' }), input);
      const both = put(layers.add(), convolved, put(layers.batchNormalization(), convolved));
      const model = seeded(tfl.model({ inputs: input, outputs: put(layers.conv2d({ name: 'last', filters: 3, kernelSize: 2, strides: 2 }), both) }));
      expect(await worstGradient(engine, model, backends)).toBeLessThan(1e-5);
      model.dispose();
    });

    it.each(rows)('gives the gradients of the layers, batch-norm on the batch: %s', async (_, row) => {
      const input = tfl.input({ shape: [9, 9, 3] });
      const model = seeded(tfl.model({ inputs: input, outputs: row().reduce((x, layer) => put(layer, x), input) }));
      expect(await worstGradient(engine, model, backends, 'train')).toBeLessThan(1e-5);
      model.dispose();
    });

    it.each(chains)('gives the gradients of the layers: %s', async (_, chain) => {
      const input = tfl.input({ shape: [8, 7, 3] });
      const first = put(layers.conv2d({ filters: 5, kernelSize: 1, useBias: false }), input);
      const model = seeded(tfl.model({ inputs: input, outputs: chain().reduce((x, layer) => put(layer, x), first) }));
      expect(await worstGradient(engine, model, backends)).toBeLessThan(1e-5);
      model.dispose();
    });

    it('a weight that the loss does not read has a gradient of zeros', async () => {
      const model = smallNetwork();
      const program = await engine.training(model, { batchNorm: 'frozen' });
      const [input, head] = [images(), newHead(model)];
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

    it('300 steps leave the tensor count as it was', async () => {
      const model = smallNetwork();
      const program = await engine.training(model, { batchNorm: 'train' });
      const [input, head] = [images(), newHead(model)];
      const before = tf.memory().numTensors;
      for (let index = 0; index < 300; index++) tf.dispose((await program.lossAndGradients(input, loss(head), [head])).gradients);
      expect(tf.memory().numTensors).toBe(before);
      tf.dispose([input, head]);
      model.dispose();
    });
  });
}
