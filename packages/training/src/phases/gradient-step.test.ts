import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import { Adam } from '@cultivar/optimizers';
import type { Optimizer, Regularizer, TensorData, TrainingProgram } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import '../../../../test/conformance/backend.js';
import { distance, instance } from '../../../../test/conformance/instance.js';
import { GradientStep } from './gradient-step.js';
import { TrainedHead } from './trained-head.js';

const [batch, width, classes] = [4, 3, 2];
const inputs: TensorData = { data: Float32Array.from({ length: batch * width }, (_, i) => Math.sin(i + 1)), shape: [batch, width] };
const targets: TensorData = { data: Float32Array.from([1, 0, 0, 1, 0.5, 0.5, 0, 1]), shape: [batch, classes] };

/** Puts numbers into a variable. */
function put(variable: tf.Variable, ...values: number[]): void {
  tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
}

/** One elementwise multiplication: features = input * scale. */
class Scaling implements TrainingProgram {
  readonly scale = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3]), true));
  readonly parameters = { 'layer/kernel': this.scale };

  async lossAndGradients(input: tf.Tensor, loss: (features: tf.Tensor) => tf.Scalar, variables: tf.Variable[]) {
    const { value, grads } = tf.variableGrads(() => loss(tf.mul(input, this.scale)), [this.scale, ...variables]);
    const number = (await value.data())[0]!;
    value.dispose();
    const { [this.scale.name]: own, ...others } = grads;
    return { loss: number, gradients: { 'layer/kernel': own!, ...others } };
  }

  async dispose(): Promise<void> {
    this.scale.dispose();
  }
}

const descent: Optimizer = { update: ({ gradient, learningRate, slots }) => ({ delta: tf.mul(gradient, -learningRate), slots: { count: slots['count'] ? tf.add(slots['count'], 1) : tf.scalar(1) } }) };

const take = (own: GradientStep, step = 1, rate = 1): Promise<number> => own.take({ inputs, targets }, step, rate, createRandom(step));

describe('a step of training', () => {
  let before: number;
  let program: Scaling;
  let head: TrainedHead;
  const steppers: GradientStep[] = [];
  beforeEach(() => {
    before = tf.memory().numTensors;
    program = new Scaling();
    head = new TrainedHead({ data: Float32Array.from([0.1, -0.1, 0.2, 0.3, -0.2, 0.4]), shape: [width, classes] }, { data: Float32Array.from([0, 0.1]), shape: [classes] });
  });
  afterEach(async () => {
    for (const stepper of steppers.splice(0)) stepper.dispose();
    head.dispose();
    await program.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
  const stepper = (further: { optimizer?: Optimizer; regularizers?: Regularizer[]; share?: (weight: string) => number } = {}) => {
    steppers.push(new GradientStep({ program, head, optimizer: descent, regularizers: [], share: () => 1, ...further }));
    return steppers.at(-1)!;
  };

  it('goes down the slope of the mean cross-entropy', async () => {
    const start = await take(stepper(), 1, 0);
    const own = stepper();
    const slope = 1e-3;
    await take(own, 1, slope);
    const [scale, kernel, bias] = [await program.scale.data(), await head.kernel.data(), await head.bias.data()];
    const moved = [...scale, ...kernel, ...bias].map((value, i) => value - [1, 2, 3, 0.1, -0.1, 0.2, 0.3, -0.2, 0.4, 0, 0.1][i]!);
    const after = await take(stepper(), 1, 0);
    // To first order the loss falls by rate * |gradient|^2 = |change|^2 / rate.
    expect((start - after) / (moved.reduce((sum, value) => sum + value * value, 0) / slope)).toBeCloseTo(1, 1);
  });

  it('moves each weight at its share of the rate, and leaves those of share zero', async () => {
    await take(stepper({ share: (weight) => (weight === 'layer/kernel' ? 0 : weight === 'head/bias' ? 0.5 : 1) }));
    expect([...await program.scale.data()]).toEqual([1, 2, 3]);
    const half = [...await head.bias.data()].map((value, k) => value - [0, 0.1][k]!);
    put(head.bias, 0, 0.1);
    put(head.kernel, 0.1, -0.1, 0.2, 0.3, -0.2, 0.4);
    await take(stepper({ share: (weight) => (weight === 'layer/kernel' ? 0 : 1) }));
    expect(distance([...await head.bias.data()].map((value, k) => (value - [0, 0.1][k]!) / 2), half)).toBeLessThan(1e-6);
  });

  it('adds the penalties of kernels, not of biases, to loss and gradient', async () => {
    const seen: string[] = [];
    const l2: Regularizer = { penalty: (weight, name) => { seen.push(name); return tf.mul(0.5, tf.sum(tf.square(weight))) as tf.Scalar; } };
    const plain = await take(stepper(), 1, 0);
    const penalised = await take(stepper({ regularizers: [l2] }), 1, 0);
    expect(new Set(seen)).toEqual(new Set(['layer/kernel', 'head/kernel']));
    expect(penalised - plain).toBeCloseTo(0.5 * (1 + 4 + 9 + 0.01 + 0.01 + 0.04 + 0.09 + 0.04 + 0.16), 4);
    await take(stepper({ regularizers: [l2], share: (weight) => (weight === 'layer/kernel' ? 1 : 0) }), 1, 0.1);
    const both = [...await program.scale.data()];
    put(program.scale, 1, 2, 3);
    await take(stepper({ share: (weight) => (weight === 'layer/kernel' ? 1 : 0) }), 1, 0.1);
    expect(distance([...await program.scale.data()].map((value, j) => value - 0.1 * (j + 1)), both)).toBeLessThan(1e-6);
  });

  it('puts noise on the kernels for the gradient, and takes it away again', async () => {
    const noise: Regularizer = { noise: (weight, _name, random) => tf.add(weight, 5 + random.uniform()) };
    const plain = await take(stepper(), 1, 0);
    const noisy = await take(stepper({ regularizers: [noise] }), 1, 0);
    expect(noisy).not.toBeCloseTo(plain, 2);
    expect([...await program.scale.data()]).toEqual([1, 2, 3]);
    expect(distance(await head.kernel.data(), [0.1, -0.1, 0.2, 0.3, -0.2, 0.4])).toBeLessThan(1e-7);
  });

  it('changes targets and features where a regularizer does', async () => {
    const plain = await take(stepper(), 1, 0);
    expect(await take(stepper({ regularizers: [{ targets: (own) => tf.reverse(own, 1) }] }), 1, 0)).not.toBeCloseTo(plain, 3);
    const blank: Regularizer = { headLayers: () => [{ apply: (features) => tf.zerosLike(features) }] };
    const bias = [0, 0.1];
    const sum = Math.log(Math.exp(bias[0]!) + Math.exp(bias[1]!));
    expect(await take(stepper({ regularizers: [blank] }), 1, 0)).toBeCloseTo(sum - (1.5 * bias[0]! + 2.5 * bias[1]!) / 4, 5);
  });

  it('keeps slots by the name of the weight, and they survive being written down', async () => {
    const own = stepper();
    await take(own, 1);
    await take(own, 2);
    const captured = await own.slots.capture();
    expect(captured['head/kernel|count']).toEqual({ data: Float32Array.from([2]), shape: [] });
    const other = stepper();
    other.slots.restore(captured);
    expect(await other.slots.capture()).toEqual(captured);
  });

  it('lets regularizers change the gradients of what is trained, penalties included, one after the other', async () => {
    const seen: string[][] = [];
    const flat: Regularizer = { penalty: (weight) => tf.mul(7, tf.sum(weight)) as tf.Scalar };
    const ones: Regularizer = { gradients: (gradients) => { seen.push(Object.keys(gradients)); return Object.fromEntries(Object.entries(gradients).map(([name, own]) => [name, tf.onesLike(own)])); } };
    const double: Regularizer = { gradients: ({ 'head/bias': bias }) => ({ 'head/bias': tf.mul(bias!, 2) }) };
    await take(stepper({ regularizers: [ones, double, flat], share: (weight) => (weight === 'layer/kernel' ? 0 : 1) }), 1, 0.1);
    expect(seen).toEqual([['head/kernel', 'head/bias']]);
    expect([...await program.scale.data()]).toEqual([1, 2, 3]);
    expect(distance(await head.kernel.data(), [0, -0.2, 0.1, 0.2, -0.3, 0.3])).toBeLessThan(1e-6);
    expect(distance(await head.bias.data(), [-0.2, -0.1])).toBeLessThan(1e-6);
  });

  it('takes the gradient through what a step sees of a kernel: a weight times zero does not move, one times two moves twice as far', async () => {
    const [zeros, twos] = [0, 2].map((factor): Regularizer => ({ noise: (weight, name) => (name === 'head/kernel' ? tf.mul(weight, factor) : weight) }));
    await take(stepper({ regularizers: [zeros!] }), 1, 0.5);
    expect(distance(await head.kernel.data(), [0.1, -0.1, 0.2, 0.3, -0.2, 0.4])).toBeLessThan(1e-7);
    expect(distance(await head.bias.data(), [0, 0.1])).toBeGreaterThan(1e-3);
    put(head.bias, 0, 0.1);
    put(program.scale, 1, 2, 3);
    // At half the weights, seen doubled, the loss and its gradient are those of the weights themselves, times two.
    await take(stepper(), 1, 0.1);
    const moved = (await head.kernel.data()).map((value, i) => value - [0.1, -0.1, 0.2, 0.3, -0.2, 0.4][i]!);
    put(head.kernel, 0.05, -0.05, 0.1, 0.15, -0.1, 0.2);
    put(head.bias, 0, 0.1);
    put(program.scale, 1, 2, 3);
    await take(stepper({ regularizers: [twos!] }), 1, 0.1);
    expect(distance((await head.kernel.data()).map((value, i) => value - [0.05, -0.05, 0.1, 0.15, -0.1, 0.2][i]!), moved.map((value) => 2 * value))).toBeLessThan(1e-6);
  });

  it('measures with the classifier scaled as features are at inference, and trains on with the other', async () => {
    const half: Regularizer = { headLayers: () => [{ inferenceScale: 0.5, apply: (features) => tf.clone(features) }] };
    const own = stepper({ regularizers: [half, half] });
    await take(own, 1, 0.1);
    const kernel = [...await head.kernel.data()];
    const bias = [...await head.bias.data()];
    const seen = await own.asEvaluated(1, () => head.capture());
    expect(distance(seen.kernel.data, kernel.map((value) => value / 4))).toBeLessThan(1e-7);
    expect([...seen.bias.data]).toEqual(bias);
    expect([...await head.kernel.data()]).toEqual(kernel);
  });

  it('puts kernels back to where they may be after each update, not biases', async () => {
    const box: Regularizer = { project: (weight) => tf.clipByValue(weight, -0.25, 0.25) };
    const free = stepper();
    await take(free, 1, 0.1);
    const kernel = [...await head.kernel.data()];
    const bias = [...await head.bias.data()];
    put(program.scale, 1, 2, 3);
    put(head.kernel, 0.1, -0.1, 0.2, 0.3, -0.2, 0.4);
    put(head.bias, 0, 0.1);
    await take(stepper({ regularizers: [box] }), 1, 0.1);
    expect([...await program.scale.data()]).toEqual([0.25, 0.25, 0.25]);
    expect(distance(await head.kernel.data(), kernel.map((value) => Math.max(-0.25, Math.min(0.25, value))))).toBeLessThan(1e-6);
    expect([...await head.bias.data()]).toEqual(bias);
  });

  it('measures with the weights that the optimizer says, and trains on with its own to the last bit', async () => {
    const halved: Optimizer = { update: descent.update, evaluated: ({ parameter, slots, step }) => (step === 2 ? tf.mul(parameter, tf.div(slots['count']!, 4)) : parameter) };
    const own = stepper({ optimizer: halved, share: (weight) => (weight === 'head/bias' ? 0 : 1) });
    await take(own, 1, 0.1);
    await take(own, 2, 0.1);
    const raw = [...await head.kernel.data(), ...await program.scale.data()];
    const seen = await own.asEvaluated(2, async () => ({ moved: [...await head.kernel.data(), ...await program.scale.data()], still: [...await head.bias.data()] }));
    expect(seen.moved).toEqual(raw.map((value) => Math.fround(value / 2)));
    expect(distance(seen.still, [0, 0.1])).toBeLessThan(1e-7);
    expect([...await head.kernel.data(), ...await program.scale.data()]).toEqual(raw);
    expect(await own.asEvaluated(1, async () => [...await head.kernel.data(), ...await program.scale.data()])).toEqual(raw);
    await expect(own.asEvaluated(2, () => Promise.reject(new Error('stopped')))).rejects.toThrow('stopped');
    expect([...await head.kernel.data(), ...await program.scale.data()]).toEqual(raw);
  });

  it('tells the optimizer the rate, and the rate without its base', async () => {
    const told: number[][] = [];
    const optimizer: Optimizer = { elementwise: false, update: (step) => { told.push([step.learningRate, step.multiplier!]); return descent.update(step); } };
    steppers.push(new GradientStep({ program, head, optimizer, regularizers: [], share: () => 0.5, baseRate: 0.2 }));
    await take(steppers.at(-1)!, 1, 0.1);
    expect(told).toEqual([[0.05, 0.25], [0.05, 0.25], [0.05, 0.25]]);
  });

  it('changes nothing where the loss is not a number', async () => {
    const broken: Regularizer = { targets: (own) => tf.div(own, 0) };
    expect(await take(stepper({ regularizers: [broken] }))).not.toBeGreaterThan(0);
    expect([...await program.scale.data()]).toEqual([1, 2, 3]);
  });

  it('leaves the number of tensors flat over 300 steps', async () => {
    const own = stepper({ optimizer: instance(Adam), regularizers: [{ penalty: (weight) => tf.sum(tf.square(weight)) as tf.Scalar }] });
    await take(own, 1, 0.01);
    const flat = tf.memory().numTensors;
    for (let step = 2; step <= 300; step += 1) await take(own, step, 0.01);
    expect(tf.memory().numTensors).toBe(flat);
  });
});
