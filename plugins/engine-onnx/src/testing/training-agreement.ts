/** For tests: one training step by ONNX Runtime and by the layers and gradients that tfjs composes. */
import type { TrainingOptions } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { OnnxEngine } from '../onnx-engine.js';
import { numbers, randomWeights } from './agreement.js';

let heads = 0;

/** A weight behind the network, one number a feature, and a loss that bends. */
export function headAndLoss(features: number, seed = 3): { head: tf.Variable; loss: (x: tf.Tensor) => tf.Scalar } {
  const next = numbers(seed);
  const head = tf.tidy(() => tf.variable(tf.tensor1d(Array.from({ length: features }, () => next() - 0.3)), true, `head-${heads++}`));
  const loss = (x: tf.Tensor): tf.Scalar => tf.sum(tf.mean(tf.mul(tf.square(tf.add(x, 0.3)), head), 0));
  return { head, loss };
}

export interface Step {
  loss: number;
  /** By weight; the head's under `head`. */
  gradients: Record<string, Float32Array>;
}

export function randomInput(model: tfl.LayersModel, batch: number, seed: number): tf.Tensor {
  const next = numbers(seed);
  const shape = [batch, ...model.inputs[0]!.shape.slice(1).map((size) => size!)];
  return tf.tensor(Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => next() * 2 - 1), shape);
}

/** One step by the engine. Leaves no tensors. */
export async function engineStep(model: tfl.LayersModel, options: TrainingOptions, batch = 2, seed = 2): Promise<Step> {
  const before = tf.memory().numTensors;
  const program = await new OnnxEngine().training(model, options);
  const input = randomInput(model, batch, seed);
  const { head, loss } = headAndLoss(model.outputs[0]!.shape.at(-1)!);
  const result = await program.lossAndGradients(input, loss, [head]);
  const gradients = Object.fromEntries(Object.entries(result.gradients).map(([name, tensor]) => [name === head.name ? 'head' : name, tensor.dataSync<'float32'>().slice()]));
  const names = [...Object.keys(program.parameters), head.name].sort();
  if (Object.keys(result.gradients).sort().join() !== names.join()) throw new Error(`gradients of ${Object.keys(result.gradients).join()}`);
  tf.dispose([result.gradients, input]);
  head.dispose();
  await program.dispose();
  if (tf.memory().numTensors !== before) throw new Error(`${tf.memory().numTensors - before} tensors are left`);
  return { loss: result.loss, gradients };
}

/** The same step by tfjs's own layers. */
export function layersStep(model: tfl.LayersModel, { batchNorm }: TrainingOptions, names: readonly string[], batch = 2, seed = 2): Step {
  const input = randomInput(model, batch, seed);
  const { head, loss } = headAndLoss(model.outputs[0]!.shape.at(-1)!);
  const byName = new Map(model.weights.map((weight) => [weight.originalName, weight.read() as tf.Tensor]));
  const variables = names.map((name) => (name === 'head' ? (head as tf.Tensor) : byName.get(name)!));
  const step = tf.tidy(() => {
    const { value, grads } = tf.engine().gradients(() => loss(model.apply(input, { training: batchNorm === 'train' }) as tf.Tensor), variables, undefined, true);
    return {
      loss: value.dataSync()[0]!,
      gradients: Object.fromEntries(names.map((name, index) => [name, grads[index]?.dataSync<'float32'>().slice() ?? new Float32Array(variables[index]!.size)])),
    };
  });
  input.dispose();
  head.dispose();
  return step;
}

/**
 * Largest difference of two steps, each number against the largest gradient in its layer: [how large, where]. Gradients that
 * vanish but for rounding (of a bias in front of a batch-norm) thus count against the kernel's beside them, and those of a
 * layer that all vanish against a hundredth of the largest of all.
 */
export function stepDifference(found: Step, expected: Step): [number, string] {
  const least = Math.max(...Object.values(expected.gradients).map(size)) / 100;
  const parts = Object.entries(expected.gradients).map(([name, values]): [number, string] => {
    const beside = Object.entries(expected.gradients).filter(([other]) => layerOf(other) === layerOf(name));
    const largest = Math.max(least, ...beside.map(([, one]) => size(one)));
    const other = found.gradients[name];
    if (other?.length !== values.length) return [Number.POSITIVE_INFINITY, name];
    return [values.reduce((worst, value, index) => Math.max(worst, apart(value, other[index]!)), 0) / largest, name];
  });
  parts.push([apart(found.loss, expected.loss) / Math.max(Math.abs(expected.loss), 1e-3), 'loss']);
  return parts.reduce((worst, part) => (part[0] > worst[0] ? part : worst));
}

const size = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const layerOf = (name: string): string => name.slice(0, name.lastIndexOf('/'));
const apart = (a: number, b: number): number => (Number.isNaN(a - b) ? Number.POSITIVE_INFINITY : Math.abs(a - b));

/** Random weights, one step each, their difference. */
export async function trainingDifference(model: tfl.LayersModel, options: TrainingOptions = { batchNorm: 'frozen' }, { seed = 1, batch = 2 } = {}): Promise<[number, string]> {
  randomWeights(model, seed);
  const found = await engineStep(model, options, batch, seed + 1);
  return stepDifference(found, layersStep(model, options, Object.keys(found.gradients), batch, seed + 1));
}

/**
 * The slope of the loss along a random direction through all weights, from losses on both sides, against the gradient's.
 * @returns their difference against the length of the gradient: what the slope is for a direction like any other
 */
export async function numericalDifference(model: tfl.LayersModel, options: TrainingOptions = { batchNorm: 'frozen' }, { seed = 1, batch = 2, reach = 1e-2 } = {}): Promise<number> {
  randomWeights(model, seed);
  const program = await new OnnxEngine().training(model, options);
  const input = randomInput(model, batch, seed + 1);
  const { head, loss } = headAndLoss(model.outputs[0]!.shape.at(-1)!);
  const next = numbers(seed + 2);
  const weights = Object.entries(program.parameters);
  const start = weights.map(([, weight]) => weight.dataSync<'float32'>().slice());
  const directions = start.map((values) => values.map(() => next() * 2 - 1));
  const at = async (distance: number): Promise<{ loss: number; slope: number; length: number }> => {
    weights.forEach(([, weight], index) => tf.tidy(() => weight.assign(tf.tensor(start[index]!.map((value, place) => value + distance * directions[index]![place]!), weight.shape))));
    const found = await program.lossAndGradients(input, loss, [head]);
    const slope = weights.reduce((sum, [name], index) => found.gradients[name]!.dataSync<'float32'>().reduce((part, value, place) => part + value * directions[index]![place]!, sum), 0);
    const length = Math.sqrt(weights.reduce((sum, [name]) => found.gradients[name]!.dataSync<'float32'>().reduce((part, value) => part + value * value, sum), 0));
    tf.dispose(found.gradients);
    return { loss: found.loss, slope, length };
  };
  const { slope, length } = await at(0);
  const measured = ((await at(reach)).loss - (await at(-reach)).loss) / (2 * reach);
  input.dispose();
  head.dispose();
  await program.dispose();
  return Math.abs(slope - measured) / length;
}
