import { describe, expect, it } from '@jest/globals';
import type * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { layers } from '../../testing/agreement.js';
import { numericalDifference, trainingDifference } from '../../testing/training-agreement.js';
import * as tflApi from '@tensorflow/tfjs-layers';

type Symbolic = tfl.SymbolicTensor;
const put = (layer: tfl.layers.Layer, x: Symbolic | Symbolic[]) => layer.apply(x) as Symbolic;

/** The layer between two that train: gradients of its input and of its weights are both seen. */
function between(shape: number[], ...middle: tfl.layers.Layer[]): tfl.LayersModel {
  const input = tflApi.input({ shape });
  const weight = () => (shape.length === 3 ? layers.conv2d({ filters: 4, kernelSize: 2, padding: 'same' }) : layers.dense({ units: 4 }));
  let x = put(weight(), input);
  for (const layer of middle) x = put(layer, x);
  return tflApi.model({ inputs: input, outputs: x });
}

const image = [7, 6, 3];
const row = [5];
const cases: [string, () => tfl.LayersModel][] = [
  ...([[1, 1, 'same'], [3, 1, 'same'], [3, 2, 'same'], [3, 2, 'valid'], [2, 2, 'same'], [[1, 3], [2, 1], 'valid'], [5, 1, 'same'], [1, 2, 'same'], [3, 3, 'valid']] as const).flatMap(([kernelSize, strides, padding]) => [
    [`convolution ${kernelSize}/${strides} ${padding}`, () => between(image, layers.conv2d({ filters: 5, kernelSize: kernelSize as number, strides: strides as number, padding }))],
    [`separable convolution ${kernelSize}/${strides} ${padding}`, () => between(image, layers.separableConv2d({ filters: 5, kernelSize: kernelSize as number, strides: strides as number, padding }))],
  ] as [string, () => tfl.LayersModel][]),
  ...([[1, 1, 'same'], [3, 1, 'same'], [3, 2, 'same'], [3, 2, 'valid'], [2, 2, 'same'], [5, 1, 'same'], [5, 2, 'same'], [3, 3, 'valid']] as const).flatMap(([kernelSize, strides, padding]) => [
    [`depthwise convolution ${kernelSize}/${strides} ${padding}`, () => between(image, layers.depthwiseConv2d({ kernelSize, strides, padding }))],
    [`depthwise convolution ${kernelSize}/${strides} ${padding}, two for each channel`, () => between(image, layers.depthwiseConv2d({ kernelSize, strides, padding, depthMultiplier: 2 }))],
  ] as [string, () => tfl.LayersModel][]),
  ['convolution with an activation of its own, no bias', () => between(image, layers.conv2d({ filters: 5, kernelSize: 3, useBias: false, activation: 'swish' }))],
  ['padding that a convolution takes up', () => between(image, layers.zeroPadding2d({ padding: [[0, 1], [0, 1]] }), layers.conv2d({ filters: 5, kernelSize: 3, strides: 2 }))],
  ['padding that a depthwise convolution takes up', () => between(image, layers.zeroPadding2d({ padding: 2 }), layers.depthwiseConv2d({ kernelSize: 3 }))],
  ['padding wider than the window', () => between(image, layers.zeroPadding2d({ padding: [[3, 2], [2, 4]] }), layers.conv2d({ filters: 5, kernelSize: 1 }))],
  ['padding', () => between(image, layers.zeroPadding2d({ padding: [[0, 1], [2, 1]] }))],
  ['cropping', () => between(image, layers.cropping2D({ cropping: [[0, 1], [2, 1]] }))],
  ['dense on rows', () => between(row, layers.dense({ units: 3, activation: 'tanh' }))],
  ['dense on sequences', () => between([6, 5], layers.dense({ units: 3, useBias: false }))],
  ['dense on images', () => between(image, layers.dense({ units: 3 }))],
  ...['linear', 'relu', 'relu6', 'sigmoid', 'tanh', 'elu', 'selu', 'softplus', 'softsign', 'hardSigmoid', 'swish', 'mish', 'gelu', 'gelu_new', 'softmax'].flatMap((activation) => [
    [`activation ${activation}`, () => between(image, layers.activation({ activation: activation as 'relu' }))],
    [`activation ${activation} on rows`, () => between(row, layers.activation({ activation: activation as 'relu' }))],
  ] as [string, () => tfl.LayersModel][]),
  ['relu with a ceiling', () => between(image, layers.reLU({ maxValue: 0.5 }))],
  ['leaky relu', () => between(image, layers.leakyReLU({ alpha: 0.2 }))],
  ['elu', () => between(image, layers.elu({}))],
  ['prelu', () => between(image, layers.prelu({}))],
  ['prelu, shared', () => between(image, layers.prelu({ sharedAxes: [1, 2] }))],
  ['prelu on rows', () => between(row, layers.prelu({}))],
  ['max pooling', () => between(image, layers.maxPooling2d({ poolSize: 2 }))],
  ['max pooling, windows that overlap', () => between(image, layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }))],
  ['max pooling of equals', () => between(image, layers.reLU({}), layers.maxPooling2d({ poolSize: 3, strides: 1 }))],
  ['average pooling', () => between(image, layers.averagePooling2d({ poolSize: 2 }))],
  ['average pooling, windows that overlap', () => between(image, layers.averagePooling2d({ poolSize: 3, strides: 2 }))],
  ['global average pooling', () => between(image, layers.globalAveragePooling2d({}))],
  ...[8, 12, 16, 20, 32].map((filters): [string, () => tfl.LayersModel] => [
    `global average pooling behind ${filters} channels`,
    () => between(image, layers.conv2d({ filters, kernelSize: 3, activation: 'relu6' }), layers.globalAveragePooling2d({})),
  ]),
  ['global max pooling', () => between(image, layers.globalMaxPooling2d({}))],
  ['rescaling', () => between(image, layers.rescaling({ scale: 2, offset: -0.5 }))],
  ['flatten', () => between(image, layers.flatten())],
  ['reshape', () => between(image, layers.reshape({ targetShape: [6, 4, 7] }))],
  ['reshape to a row', () => between(image, layers.reshape({ targetShape: [168] }))],
  ['reshape to an image', () => between(row, layers.reshape({ targetShape: [1, 1, 4] }), layers.conv2d({ filters: 3, kernelSize: 1 }))],
  ['permute', () => between(image, layers.permute({ dims: [3, 1, 2] }))],
  ['dropout, off', () => between(image, layers.dropout({ rate: 0.5 }))],
];

/** Two branches joined. */
function joined(join: (x: Symbolic, y: Symbolic) => Symbolic): tfl.LayersModel {
  const input = tflApi.input({ shape: image });
  const branch = (filters: number) => put(layers.conv2d({ filters, kernelSize: 3, padding: 'same' }), input);
  return tflApi.model({ inputs: input, outputs: join(branch(4), branch(4)) });
}
const gate = (x: Symbolic) => put(layers.globalAveragePooling2d({}), x);
const joins: [string, () => tfl.LayersModel][] = [
  ...([['add', layers.add], ['multiply', layers.multiply], ['average', layers.average], ['maximum', layers.maximum], ['minimum', layers.minimum]] as const).map(([name, make]): [string, () => tfl.LayersModel] => [name, () => joined((x, y) => put(make({}), [x, y, x]))]),
  ['concatenate', () => joined((x, y) => put(layers.concatenate({}), [x, y, x]))],
  ['concatenate rows of pixels', () => joined((x, y) => put(layers.concatenate({ axis: 1 }), [x, y]))],
  ['squeeze and excite, by dense layers', () => joined((x, y) => put(layers.multiply(), [x, put(layers.reshape({ targetShape: [1, 1, 4] }), put(layers.dense({ units: 4, activation: 'sigmoid' }), gate(y)))]))],
  ['squeeze and excite, by convolutions', () => joined((x, y) => put(layers.multiply(), [put(layers.conv2d({ filters: 4, kernelSize: 1, activation: 'hardSigmoid' }), put(layers.reshape({ targetShape: [1, 1, 4] }), gate(y))), x]))],
  ['add of lower rank', () => joined((x, y) => put(layers.add(), [x, gate(y)]))],
  ['a layer that is used twice', () => {
    const shared = layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'tanh' });
    return joined((x, y) => put(layers.add(), [put(shared, x), put(shared, put(shared, y))]));
  }],
];

describe('a training step agrees with the layers of tfjs within 1e-4', () => {
  it.each([...cases, ...joins])('%s', async (_, make) => {
    const model = make();
    for (const seed of [1, 2]) {
      const [worst, where] = await trainingDifference(model, { batchNorm: 'frozen' }, { seed, batch: seed + 1 });
      if (!(worst < 1e-4)) throw new Error(`${worst} at ${where}`);
    }
    model.dispose();
  });

  it.each([
    ['behind a convolution', (norm: tfl.layers.Layer) => between(image, layers.conv2d({ filters: 5, kernelSize: 3 }), norm, layers.reLU({ maxValue: 6 }))],
    ['behind a depthwise convolution without bias', (norm: tfl.layers.Layer) => between(image, layers.depthwiseConv2d({ kernelSize: 3, strides: 2, depthMultiplier: 2, useBias: false }), norm, layers.reLU({}))],
    ['alone', (norm: tfl.layers.Layer) => between(image, layers.activation({ activation: 'tanh' }), norm)],
    ['on rows', (norm: tfl.layers.Layer) => between(row, norm)],
  ] as [string, (norm: tfl.layers.Layer) => tfl.LayersModel][])('batch normalisation %s', async (_, make) => {
    // tfjs-layers has no gradients without a scale or an offset.
    for (const kind of [{}, { epsilon: 0.01 }]) {
      for (const batchNorm of ['frozen', 'train'] as const) {
        const model = make(layers.batchNormalization(kind));
        const [worst, where] = await trainingDifference(model, { batchNorm }, { batch: 5 });
        if (!(worst < 1e-4)) throw new Error(`${JSON.stringify(kind)} ${batchNorm}: ${worst} at ${where}`);
        model.dispose();
      }
    }
  });
});

const untaught: [string, () => tfl.LayersModel][] = [
  ['convolution, dilated', () => between(image, layers.conv2d({ filters: 5, kernelSize: 3, dilationRate: 2, padding: 'same' }))],
  ['convolution, dilated, valid', () => between(image, layers.conv2d({ filters: 5, kernelSize: 2, dilationRate: [2, 1], padding: 'valid' }))],
  ['depthwise convolution, dilated', () => between(image, layers.depthwiseConv2d({ kernelSize: 3, dilationRate: 2, padding: 'same' }))],
  // tfjs divides by the whole window where padding is in it, on the way back only.
  ['average pooling with padding', () => between(image, layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }))],
  ['relu with a threshold', () => between(image, layers.thresholdedReLU({ theta: -5 }))],
  ['softmax along another axis', () => between(image, layers.softmax({ axis: 2 }))],
  ['upsampling', () => between(image, layers.upSampling2d({ size: [2, 3] }))],
  ['global average pooling that keeps axes, rescaling', () => between(image, layers.globalAveragePooling2d({}), layers.rescaling({ scale: 3 }))],
];

describe('where tfjs has no gradient, or a wrong one, a training step agrees with differences of the loss', () => {
  it.each(untaught)('%s', async (_, make) => {
    const model = make();
    expect(await numericalDifference(model)).toBeLessThan(1e-2);
    model.dispose();
  });
  it.each([{ scale: false }, { center: false }, { scale: false, center: false }])('batch normalisation with %j, frozen and on its batch', async (kind) => {
    const model = between(image, layers.depthwiseConv2d({ kernelSize: 3 }), layers.batchNormalization(kind), layers.activation({ activation: 'tanh' }), layers.batchNormalization(kind));
    for (const batchNorm of ['frozen', 'train'] as const) expect(await numericalDifference(model, { batchNorm }, { batch: 5 })).toBeLessThan(1e-2);
    model.dispose();
  });
});
