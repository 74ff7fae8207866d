import { expect, it } from '@jest/globals';
import { numbersOf } from '@cultivar/sdk';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { OnnxEngine } from '../onnx-engine.js';
import { chain, layers, randomWeights } from '../testing/agreement.js';
import { headAndLoss, randomInput } from '../testing/training-agreement.js';

await tf.setBackend('wasm');

it.each([true, false])('gives the same numbers when the memory of WebAssembly grows while the runtime waits for its turn: gradients joined: %s', async (joinedGradients) => {
  const before = tf.memory().numTensors;
  const model = chain([8, 8, 3], layers.conv2d({ filters: 6, kernelSize: 3 }), layers.batchNormalization(), layers.reLU(), layers.depthwiseConv2d({ kernelSize: 3 }), layers.conv2d({ filters: 4, kernelSize: 1 }), layers.globalAveragePooling2d({}));
  randomWeights(model);
  const input = randomInput(model, 4, 1);
  const { head, loss } = headAndLoss(4);
  const program = await new OnnxEngine().training(model, { batchNorm: 'frozen', joinedGradients });
  const large: tf.Tensor[] = [];
  let grown = 0;
  /** Has the memory grow, so that what showed its numbers until now is empty. */
  const grow = (): void => {
    const seen = numbersOf(input);
    while (seen.length > 0) large.push(tf.zeros([2 ** 22]));
    grown += 1;
  };
  const found: unknown[] = [];
  for (const growing of [false, true]) {
    // The runtime begins in a turn of its own, behind these: the forward run is tried three times, the backward run twice.
    if (growing) setImmediate(() => { grow(); setImmediate(grow); });
    const { loss: number, gradients, joined } = await program.lossAndGradients(input, (x) => {
      if (growing) setImmediate(grow);
      return loss(x);
    }, [head]);
    expect(grown).toBe(growing ? 3 : 0);
    found.push([number, Object.values(gradients).map((tensor) => [...tensor.dataSync()]), joined && [...joined.values.dataSync()]]);
    tf.dispose([gradients, joined?.values ?? []]);
  }
  expect(found[1]).toEqual(found[0]);
  tf.dispose([input, head, ...large]);
  await program.dispose();
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
