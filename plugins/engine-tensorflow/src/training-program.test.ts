import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { installedNativeTensorFlow } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { smallNetwork } from '../../../test/conformance/networks.js';
import { describeTraining, images } from '../../../test/conformance/training.js';
import { readyTensorFlow } from './backend.js';
import { TensorFlowEngine } from './tensorflow-engine.js';

const engine = new TensorFlowEngine();
const installed = await installedNativeTensorFlow();
const skipped = installed ? undefined : 'run `cultivar native install`';
// Plain JavaScript advertises tfjs-node otherwise.
tf.enableProdMode();

// What is expected comes from plain JavaScript, from the operators that tfjs composes: native TensorFlow has no part in it.
describeTraining('native TensorFlow', engine, { ready: readyTensorFlow, reference: () => tf.setBackend('cpu'), skipped });

(installed ? describe : describe.skip)(`native TensorFlow${skipped ? ` (skipped: ${skipped})` : ''}`, () => {
  beforeAll(() => readyTensorFlow());

  it('shares the one copy of tfjs-core', () => {
    expect(tf.getBackend()).toBe('tensorflow');
    const sum = tf.add(tf.tensor1d([1, 2]), 1);
    expect(sum).toBeInstanceOf(tf.Tensor);
    expect(tf.engine().backend).toBe(tf.findBackend('tensorflow'));
    expect(Array.from(sum.dataSync())).toEqual([2, 3]);
  });

  it('infers what plain JavaScript infers, at any layer', async () => {
    const model = smallNetwork();
    const options = { outputs: [{ layer: 'stem' }, { layer: 'stem_relu', pool: 'average' as const }, { layer: 'skip' }] };
    const batch = { data: images().dataSync<'float32'>(), shape: [3, 8, 8, 3] };
    const before = tf.memory().numTensors;
    const program = await engine.inference(model, options);
    const results = await program.run(batch);
    await program.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await tf.setBackend('cpu');
    const stem = model.getLayer('stem').output as SymbolicTensor;
    const whole = model.predict(tf.tensor(batch.data, batch.shape)) as tf.Tensor;
    const expected = Array.from(whole.dataSync());
    expect(results[0]!.shape).toEqual([3, ...stem.shape.slice(1)]);
    expect(results[1]!.shape).toEqual([3, 6]);
    results[2]!.data.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 4));
    await readyTensorFlow();
  });
});
