import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import { Adam } from '@cultivar/optimizers';
import type { JoinedGradients, LossAndGradients, Optimizer, Regularizer, TrainingProgram } from '@cultivar/sdk';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import '../../../../test/conformance/backend.js';
import { instance } from '../../../../test/conformance/instance.js';
import { apart, gradientsOf, takesJoinedGradients } from './joined-gradients.js';
import { GradientStep } from './gradient-step.js';
import { TrainedHead } from './trained-head.js';

const shapes: Record<string, number[]> = { 'a/kernel': [2, 3], 'a/bias': [3], 'b/kernel': [1, 2, 2], 'c/kernel': [1], 'd/kernel': [3] };
const names = Object.keys(shapes);

/** Features are sums of weights of every shape with the input. */
class Sums implements TrainingProgram {
  readonly parameters = tf.tidy(() => Object.fromEntries(Object.entries(shapes).map(([name, shape], index) => [name, tf.variable(tf.randomNormal(shape, 0, 1, 'float32', index + 1))])));

  constructor(private readonly joins: boolean) {}

  async lossAndGradients(input: tf.Tensor, loss: (features: tf.Tensor) => tf.Scalar, variables: tf.Variable[]): Promise<LossAndGradients> {
    const own = Object.values(this.parameters);
    const features = () => tf.add(input, tf.addN(own.map((weight, index) => tf.sum(tf.mul(tf.square(weight), 0.1 * (index + 1))))));
    const { value, grads } = tf.tidy(() => tf.variableGrads(() => loss(features()), [...own, ...variables]));
    const [number] = await value.data();
    value.dispose();
    const gradients = own.map((weight) => grads[weight.name]!);
    const others = Object.fromEntries(variables.map(({ name }) => [name, grads[name]!]));
    if (!this.joins) return { loss: number!, gradients: { ...Object.fromEntries(names.map((name, index) => [name, gradients[index]!])), ...others } };
    const values = tf.tidy(() => tf.concat(gradients.map((gradient) => tf.reshape(gradient, [gradient.size])) as tf.Tensor1D[]));
    tf.dispose(gradients);
    return { loss: number!, gradients: others, joined: { names, values } };
  }

  async dispose(): Promise<void> {
    tf.dispose(Object.values(this.parameters));
  }
}

const inputs = { data: Float32Array.of(0.3, -0.2, 0.5, 1), shape: [2, 2] };
const targets = { data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] };

/** Everything that five steps leave: losses, weights, slots. */
async function fiveSteps(joins: boolean, { optimizer = instance(Adam), regularizers = [], share = () => 1 }: { optimizer?: Optimizer; regularizers?: Regularizer[]; share?: (name: string) => number }) {
  const program = new Sums(joins);
  const head = new TrainedHead({ data: Float32Array.of(0.1, -0.2, 0.3, 0.2), shape: [2, 2] }, { data: Float32Array.of(0, 0.1), shape: [2] });
  const steps = new GradientStep({ program, head, optimizer, regularizers, share });
  const losses: number[] = [];
  for (let step = 1; step <= 5; step += 1) losses.push(await steps.take({ inputs, targets }, step, 0.05, createRandom(step)));
  const weights = Object.values(program.parameters).map((weight) => [...weight.dataSync()]);
  const left = { losses, weights, head: await head.capture(), slots: await steps.slots.capture() };
  steps.dispose();
  head.dispose();
  await program.dispose();
  return left;
}

const penalty: Regularizer = { penalty: (weight) => tf.mul(0.01, tf.sum(tf.square(weight))) as tf.Scalar };
const halved: Regularizer = { gradients: (gradients) => Object.fromEntries(Object.entries(gradients).map(([name, own], index) => [name, tf.div(own, index + 1)])) };
const noise: Regularizer = { noise: (weight, _name, random) => tf.mul(weight, 1 + random.uniform()) };
const box: Regularizer = { project: (weight) => tf.clipByValue(weight, -0.5, 0.5) };
const apartOnly = (): Optimizer => { const adam = instance(Adam); return { elementwise: false, update: (step) => adam.update(step) }; };

describe.each(['cpu', 'wasm'])('joined gradients on %s', (backend) => {
  let tensors: number;
  beforeAll(() => tf.setBackend(backend));
  afterAll(() => tf.setBackend('cpu'));
  beforeEach(() => { tensors = tf.memory().numTensors; });
  afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

  const weights = (): Record<string, tf.Tensor> => Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, tf.zeros(shape)]));
  const joined = (): JoinedGradients => ({ names, values: tf.range(0, 17) });

  it('are cut into those of each weight', () => {
    tf.tidy(() => {
      const cut = apart(joined(), weights());
      expect(Object.entries(cut).map(([name, { shape }]) => [name, shape])).toEqual(Object.entries(shapes));
      expect(Object.values(cut).map((tensor) => [...tensor.dataSync()])).toEqual([[0, 1, 2, 3, 4, 5], [6, 7, 8], [9, 10, 11, 12], [13], [14, 15, 16]]);
    });
  });

  it('are taken without a copy as a whole, and otherwise in parts, in order', () => {
    tf.tidy(() => {
      const all = joined();
      const parts = (...some: string[]): number[] => [...gradientsOf(some, all, weights()).dataSync()];
      expect(gradientsOf(names, all, weights())).toBe(all.values);
      expect(parts('a/kernel', 'a/bias')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      expect(parts('c/kernel')).toEqual([13]);
      expect(parts('a/bias', 'c/kernel', 'd/kernel')).toEqual([6, 7, 8, 13, 14, 15, 16]);
      expect(parts('a/kernel', 'b/kernel', 'd/kernel')).toEqual([0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 14, 15, 16]);
    });
  });

  it.each<[string, Parameters<typeof fiveSteps>[1]]>([
    ['all weights at one rate', {}],
    ['rates that differ by layer', { share: (name) => (name.startsWith('a') || name.startsWith('d') ? 0.5 : 2) }],
    ['layers that stay', { share: (name) => (name.startsWith('b') ? 0 : name === 'c/kernel' ? 3 : 1) }],
    ['only the head moves', { share: (name) => (name.startsWith('head') ? 1 : 0) }],
    ['a penalty', { regularizers: [penalty] }],
    ['changed gradients', { regularizers: [halved] }],
    ['noise', { regularizers: [noise] }],
    ['projected weights', { regularizers: [box] }],
    ['an optimizer that wants single weights', { optimizer: apartOnly() }],
  ])('train as those of single weights do, to the last bit: %s', async (_, options) => {
    const alone = await fiveSteps(false, options);
    expect(await fiveSteps(true, options)).toEqual(alone);
    expect(alone.losses[4]).not.toBe(alone.losses[0]);
  });
});

it('joined gradients are asked for where nothing looks at single weights', () => {
  const elementwise: Optimizer = { update: ({ gradient }) => ({ delta: gradient, slots: {} }) };
  expect(takesJoinedGradients(elementwise, [])).toBe(true);
  expect(takesJoinedGradients(elementwise, [box])).toBe(true);
  for (const one of [penalty, halved, noise]) expect(takesJoinedGradients(elementwise, [box, one])).toBe(false);
  expect(takesJoinedGradients({ ...elementwise, elementwise: false }, [])).toBe(false);
});
