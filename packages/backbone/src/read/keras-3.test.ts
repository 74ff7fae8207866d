import { beforeAll, describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersFiles } from './layers-model.js';

beforeAll(() => tf.setBackend('cpu'));

const policy = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null };
const tensor = (name: string) => ({ class_name: '__keras_tensor__', config: { shape: [null, 4, 4, 2], dtype: 'float32', keras_history: [name, 0, 0] } });

function layer(className: string, name: string, inputs: unknown[], config: object = {}): object {
  return {
    module: 'keras.layers', class_name: className, name, registered_name: null, config: { name, trainable: true, dtype: policy, ...config },
    build_config: { input_shape: [null, 4, 4, 2] }, inbound_nodes: inputs.length > 0 ? [{ args: inputs, kwargs: {} }] : [],
  };
}

/** As tensorflowjs writes a model of Keras 3. */
const topology = {
  keras_version: '3.6.0', backend: 'tensorflow',
  model_config: { class_name: 'Functional', config: {
    name: 'functional', trainable: true, input_layers: ['pixels', 0, 0], output_layers: ['sum', 0, 0],
    layers: [
      { ...layer('InputLayer', 'pixels', []), config: { name: 'pixels', batch_shape: [null, 4, 4, 2], dtype: 'float32', sparse: false } },
      layer('DepthwiseConv2D', 'each', [tensor('pixels')], { kernel_size: [1, 1], strides: [1, 1], padding: 'same', depth_multiplier: 1, use_bias: false, activation: 'linear' }),
      layer('Add', 'sum', [[tensor('each'), tensor('pixels')]]),
    ],
  } },
};

describe('files of Keras 3', () => {
  it('are read, with their inputs, their dtype policies and their names of weights', async () => {
    const before = tf.memory().numTensors;
    const model = await loadLayersFiles({
      format: 'layers-model', modelTopology: topology, weightSpecs: [{ name: 'functional/each/kernel', shape: [1, 1, 2, 1], dtype: 'float32' }],
      weightData: Float32Array.of(2, 3).buffer, outputs: [], location: 'test', sha256: '',
    });
    const values = tf.tidy(() => (model.predict(tf.ones([1, 4, 4, 2])) as tf.Tensor).dataSync());
    expect([values[0], values[1]]).toEqual([3, 4]);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
