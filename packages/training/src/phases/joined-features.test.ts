import { describe, expect, it } from '@jest/globals';
import type { TrainingProgram } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import '../../../../test/conformance/backend.js';
import { JoinedFeatures } from './joined-features.js';

/** features = x * scale */
function scaling(scale: tf.Variable): TrainingProgram {
  return {
    parameters: { scale },
    async lossAndGradients(input, loss, variables) {
      const { value, grads } = tf.variableGrads(() => loss(tf.mul(input, scale)), [scale, ...variables]);
      const [number] = await value.data();
      value.dispose();
      return { loss: number!, gradients: { scale: grads[scale.name]!, ...Object.fromEntries(variables.map(({ name }) => [name, grads[name]!])) } };
    },
    async dispose() { scale.dispose(); },
  };
}

describe('joined features', () => {
  it('come behind those of the suffix; gradients flow to the suffix and to the head of both', async () => {
    const before = tf.memory().numTensors;
    const program = new JoinedFeatures(scaling(tf.variable(tf.scalar(3), true, 'joined-features-scale')));
    const head = tf.variable(tf.tensor2d([[1], [10]]), true, 'joined-features-head');
    const input = tf.tensor2d([[2], [4]]);
    program.join({ data: Float32Array.from([5, 7]), shape: [2, 1] });
    const joined = await program.lossAndGradients(input, (features) => tf.sum(tf.matMul(features as tf.Tensor2D, head as unknown as tf.Tensor2D)), [head]);
    // sum_i 3 x_i * 1 + kept_i * 10
    expect(joined.loss).toBe(18 + 120);
    expect([...joined.gradients['scale']!.dataSync()]).toEqual([6]);
    expect([...joined.gradients[head.name]!.dataSync()]).toEqual([18, 12]);
    tf.dispose(joined.gradients);

    program.join(undefined);
    const alone = await program.lossAndGradients(input, (features) => tf.sum(features), []);
    expect(alone.loss).toBe(18);
    tf.dispose(alone.gradients);
    await program.dispose();
    tf.dispose([head, input]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
