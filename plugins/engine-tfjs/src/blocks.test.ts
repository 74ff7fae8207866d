import { flatten } from '@cultivar/sdk';
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { readyBackend } from './backend.js';
import { joinBlocks } from './blocks.js';
import { seeded, smallNetwork } from './testing/networks.js';
import { TfjsTraining } from './training-program.js';

const { layers } = tfl;
const put = (layer: tfl.layers.Layer, ...x: tfl.SymbolicTensor[]) => layer.apply(x.length === 1 ? x[0]! : x) as tfl.SymbolicTensor;
const everything = () => true;
const loss = (y: tf.Tensor): tf.Scalar => tf.mean(tf.square(y));

beforeAll(async () => {
  await readyBackend();
});

/** Largest difference between the gradients of the program and those of the layers as tfjs composes them. */
async function worstGradient(model: tfl.LayersModel): Promise<number> {
  const before = tf.memory().numTensors;
  const program = new TfjsTraining(model, { batchNorm: 'frozen' });
  const input = tf.randomUniform([2, ...(model.inputs[0]!.shape.slice(1) as number[])], -1, 1, 'float32', 3);
  const { gradients } = await program.lossAndGradients(input, loss, []);
  const expected = tf.tidy(() => tf.engine().gradients(() => loss(model.apply(input) as tf.Tensor), Object.values(program.parameters)).grads);
  const worst = Object.values(gradients).map((gradient, index) => tf.tidy(() => tf.max(tf.abs(tf.sub(gradient, expected[index]!))).dataSync()[0]!));
  tf.dispose([gradients, expected, input]);
  expect(tf.memory().numTensors).toBe(before);
  return Math.max(...worst);
}

describe('blocks', () => {
  it('join convolution, frozen batch-norm and rectifier', () => {
    const network = flatten(smallNetwork(), 'tfjs');
    expect(joinBlocks(network, everything, 'frozen').map(({ block, layer }) => [layer.name, block?.batchNormalization?.name, block?.activation])).toEqual([
      ['stem', 'stem_bn', 'relu6'], ['deep', 'deep_bn', 'relu6'], ['point', undefined, 'linear'], ['skip', undefined, undefined],
    ]);
    expect(joinBlocks(network, everything, 'train').map(({ layer }) => layer.name)).toEqual(['stem', 'stem_bn', 'stem_relu', 'deep', 'deep_bn', 'deep_relu', 'point', 'skip']);
    expect(joinBlocks(network, ({ name }) => name === 'deep', 'frozen').map(({ inputTrains }) => inputTrains)).toEqual([false, false, true, true]);
  });

  it('leave alone what others read, and what is asked for', async () => {
    const input = tfl.input({ shape: [6, 6, 3] });
    const convolved = put(layers.conv2d({ name: 'shared', filters: 4, kernelSize: 3, padding: 'same' }), input);
    const normalised = put(layers.batchNormalization(), convolved);
    const both = put(layers.add(), convolved, normalised);
    const model = seeded(tfl.model({ inputs: input, outputs: put(layers.conv2d({ name: 'last', filters: 3, kernelSize: 2, strides: 2 }), both) }));
    const blocks = joinBlocks(flatten(model, 'tfjs'), everything, 'frozen').filter(({ block }) => block);
    expect(blocks.map(({ layer, block }) => [layer.name, block!.batchNormalization])).toEqual([['shared', undefined], ['last', undefined]]);
    expect(await worstGradient(model)).toBeLessThan(1e-5);
  });

  it('take a batch-norm without scale, which tfjs itself cannot train through', async () => {
    const kernels = [layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 3] }), layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 3] })];
    const [without, withOnes] = kernels.map((convolution, index) => seeded(tfl.sequential({ layers: [convolution, layers.batchNormalization({ scale: index === 1 })] })));
    const normalisation = withOnes!.layers[1]!;
    tf.tidy(() => {
      const weights = without!.getWeights();
      withOnes!.layers[0]!.setWeights(weights.slice(0, 2));
      normalisation.setWeights([tf.ones([4]), ...weights.slice(2)]);
    });
    const input = tf.randomUniform([2, 6, 6, 3], -1, 1, 'float32', 3);
    const [a, b] = [await new TfjsTraining(without!, { batchNorm: 'frozen' }).lossAndGradients(input, loss, []), await new TfjsTraining(withOnes!, { batchNorm: 'frozen' }).lossAndGradients(input, loss, [])];
    expect(a.loss).toBeCloseTo(b.loss, 5);
    const values = ({ gradients }: typeof a) => Object.values(gradients).flatMap((gradient) => Array.from(gradient.dataSync()));
    values(a).forEach((value, index) => expect(value).toBeCloseTo(values(b)[index]!, 5));
  });

  it.each([
    ['relu, several filters a channel', [layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' }), layers.batchNormalization(), layers.activation({ activation: 'relu' })]],
    ['no bias', [layers.depthwiseConv2d({ kernelSize: 5, useBias: false }), layers.batchNormalization(), layers.reLU({ maxValue: 6 })]],
    ['another ceiling', [layers.conv2d({ filters: 4, kernelSize: 3, activation: 'linear' }), layers.reLU({ maxValue: 1 })]],
    ['an activation of its own', [layers.conv2d({ filters: 4, kernelSize: 3, activation: 'tanh' }), layers.batchNormalization()]],
    ['separable, leaky', [layers.conv2d({ filters: 4, kernelSize: 1 }), layers.separableConv2d({ filters: 3, kernelSize: 2 }), layers.leakyReLU()]],
  ] as [string, tfl.layers.Layer[]][])('give the gradients of the layers: %s', async (_, chained) => {
    const input = tfl.input({ shape: [8, 7, 3] });
    const first = put(layers.conv2d({ filters: 5, kernelSize: 1, useBias: false }), input);
    const model = seeded(tfl.model({ inputs: input, outputs: chained.reduce((x, layer) => put(layer, x), first) }));
    expect(await worstGradient(model)).toBeLessThan(1e-5);
  });
});
