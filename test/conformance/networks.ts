/** For tests: networks with seeded weights. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

const { layers } = tfl;

/** Calls a layer on tensors of a model being drawn up. */
export const put = (layer: tfl.layers.Layer, ...x: tfl.SymbolicTensor[]) => layer.apply(x.length === 1 ? x[0]! : x) as tfl.SymbolicTensor;

/** Two blocks of convolution, batch-norm and relu6 with a skip; [8, 8, 3] -> [4, 4, 6]. Layers are named. */
export function smallNetwork({ filters = 6, ...batchNorm }: { filters?: number; scale?: boolean; center?: boolean; momentum?: number } = {}): tfl.LayersModel {
  const input = tfl.input({ shape: [8, 8, 3], name: 'image' });
  let x = put(layers.conv2d({ name: 'stem', filters, kernelSize: 3, strides: 2, padding: 'same', useBias: false, trainable: false }), input);
  x = put(layers.batchNormalization({ name: 'stem_bn', ...batchNorm }), x);
  x = put(layers.reLU({ name: 'stem_relu', maxValue: 6 }), x);
  let y = put(layers.depthwiseConv2d({ name: 'deep', kernelSize: 3, padding: 'same' }), x);
  y = put(layers.batchNormalization({ name: 'deep_bn', ...batchNorm }), y);
  y = put(layers.activation({ name: 'deep_relu', activation: 'relu6' }), y);
  y = put(layers.conv2d({ name: 'point', filters, kernelSize: 1 }), y);
  return seeded(tfl.model({ inputs: input, outputs: put(layers.add({ name: 'skip' }), x, y) }));
}

/** Gives every weight numbers of its own. */
export function seeded(model: tfl.LayersModel): tfl.LayersModel {
  model.weights.forEach((weight, index) => tf.tidy(() => {
    const positive = /variance|gamma/.test(weight.originalName);
    weight.write(tf.randomUniform(weight.shape as number[], positive ? 0.5 : -0.7, positive ? 1.5 : 0.7, 'float32', index + 1));
  }));
  return model;
}

/** Weights by name, copied. */
export function snapshot(model: tfl.LayersModel): Record<string, number[]> {
  return Object.fromEntries(model.weights.map((weight) => [weight.originalName, Array.from(weight.read().dataSync())]));
}
