import { beforeAll, describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { prepareBackbone } from './index.js';

type Tensor = tfl.SymbolicTensor;
type Settings = Parameters<typeof tfl.layers.conv2d>[0];

beforeAll(() => tf.setBackend('cpu'));

const conv = (x: Tensor, filters: number, kernelSize = 3, more: Partial<Settings> = {}) =>
  tfl.layers.conv2d({ filters, kernelSize, padding: 'same', kernelInitializer: 'zeros', activation: 'relu', ...more }).apply(x) as Tensor;
const pool = (x: Tensor) => tfl.layers.maxPooling2d({ poolSize: 2, strides: 2 }).apply(x) as Tensor;
const join = (...xs: Tensor[]) => tfl.layers.concatenate().apply(xs) as Tensor;
const average = (x: Tensor) => tfl.layers.globalAveragePooling2d({}).apply(x) as Tensor;
const dense = (x: Tensor) => tfl.layers.dense({ units: 5, activation: 'softmax' }).apply(x) as Tensor;
const depthwise = (x: Tensor, strides: number) => tfl.layers.reLU().apply(tfl.layers.depthwiseConv2d({ kernelSize: 3, strides, padding: 'same' }).apply(x)) as Tensor;

function residual(x: Tensor, filters: number, strides = 1): Tensor {
  const short = strides > 1 || x.shape.at(-1) !== filters ? conv(x, filters, 1, { strides, activation: 'linear' }) : x;
  const long = conv(conv(conv(x, filters / 4, 1, { strides }), filters / 4), filters, 1, { activation: 'linear' });
  return tfl.layers.reLU().apply(tfl.layers.add().apply([short, long])) as Tensor;
}

function dense2(x: Tensor, growth: number): Tensor {
  return join(x, conv(conv(x, growth * 4, 1), growth));
}

/** Architectures of the literature in small, and where their stages end. */
const architectures: Record<string, { grow(x: Tensor): Tensor; size?: number; stages: string[] }> = {
  'a straight line with pools (VGG)': {
    grow: (x) => dense(tfl.layers.flatten().apply(pool(conv(conv(pool(conv(conv(pool(conv(conv(x, 8), 8)), 16), 16)), 32), 32))) as Tensor),
    stages: ['32x32x8', '16x16x16', '4x4x32'],
  },
  'residual bottlenecks (ResNet)': {
    grow: (x) => dense(average(residual(residual(residual(residual(pool(conv(x, 16, 7, { strides: 2 })), 32), 32), 64, 2), 64))),
    stages: ['16x16x16', '8x8x32', '4x4x64'],
  },
  'concatenations that grow (DenseNet)': {
    grow: (x) => {
      let y = pool(conv(x, 16, 7, { strides: 2 }));
      for (let layer = 0; layer < 2; layer += 1) y = dense2(y, 2);
      y = tfl.layers.averagePooling2d({ poolSize: 2, strides: 2 }).apply(conv(y, 10, 1)) as Tensor;
      for (let layer = 0; layer < 7; layer += 1) y = dense2(y, 2);
      return dense(average(y));
    },
    stages: ['8x8x20', '4x4x24'],
  },
  'separable convolutions (MobileNet)': {
    grow: (x) => {
      let y = conv(x, 8, 3, { strides: 2 });
      for (const [filters, strides] of [[16, 1], [32, 2], [32, 1], [64, 2], [64, 1]] as const) y = conv(depthwise(y, strides), filters, 1);
      return dense(average(y));
    },
    stages: ['16x16x16', '8x8x32', '4x4x64'],
  },
  'squeeze and expand, a convolution as classifier (SqueezeNet)': {
    grow: (x) => {
      const fire = (y: Tensor, filters: number) => {
        const squeezed = conv(y, filters / 4, 1);
        return join(conv(squeezed, filters / 2, 1), conv(squeezed, filters / 2));
      };
      const y = fire(fire(pool(fire(fire(pool(conv(x, 8, 3, { strides: 2 })), 16), 16)), 32), 32);
      const scores = conv(tfl.layers.dropout({ rate: 0.5 }).apply(y) as Tensor, 5, 1);
      return tfl.layers.softmax().apply(average(scores)) as Tensor;
    },
    stages: ['8x8x16', '4x4x32'],
  },
  'a top that shrinks to one pixel': {
    grow: (x) => dense(average(conv(conv(conv(x, 8, 3, { strides: 4 }), 16, 3, { strides: 4 }), 32, 3, { strides: 2 }))),
    stages: ['8x8x8', '2x2x16', '1x1x32'],
  },
};

describe('stages are found from the graph', () => {
  it.each(Object.keys(architectures))('%s', (name) => {
    const before = tf.memory().numTensors;
    const { grow, stages } = architectures[name]!;
    const input = tfl.input({ shape: [32, 32, 3] });
    const model = tfl.model({ inputs: input, outputs: grow(input) });
    const prepared = prepareBackbone({
      model, input: { size: 32, resize: 'stretch', mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' }, licence: '', source: 'test', sha256: '',
    }, name);
    expect(prepared.stages.map((stage) => stage.outputShape.join('x'))).toEqual(stages);
    expect(prepared.stages.every((stage) => stage.parameters > 0)).toBe(true);
    prepared.model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
