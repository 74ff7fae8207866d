import { describe, expect, it } from '@jest/globals';
import type { TrainingProgram } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import '../../../../test/conformance/backend.js';
import { JoinedFeatures } from './joined-features.js';

function variable(value: tf.Tensor, name: string): tf.Variable {
  const made = tf.variable(value, true, name);
  value.dispose();
  return made;
}

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
    const program = new JoinedFeatures(
      scaling(variable(tf.scalar(3), 'joined-features-scale')),
      { mean: Float64Array.of(1, 2), deviation: Float64Array.of(2, 5) },
    );
    const head = variable(tf.tensor2d([[1], [10]]), 'joined-features-head');
    const input = tf.tensor2d([[2], [4]]);
    program.join({ data: Float32Array.from([5, 7]), shape: [2, 1] });
    const joined = await program.lossAndGradients(input, (features) => tf.sum(tf.matMul(features as tf.Tensor2D, head as unknown as tf.Tensor2D)), [head]);
    // sum_i (3 x_i - 1) / 2 * 1 + (kept_i - 2) / 5 * 10
    expect(joined.loss).toBe((5 + 11) / 2 + (3 + 5) * 2);
    expect([...joined.gradients['scale']!.dataSync()]).toEqual([(2 + 4) / 2]);
    expect([...joined.gradients[head.name]!.dataSync()]).toEqual([8, expect.closeTo(8 / 5, 5)]);
    tf.dispose(joined.gradients);
    await program.dispose();

    const alone = new JoinedFeatures(scaling(variable(tf.scalar(3), 'joined-features-alone')), { mean: Float64Array.of(1), deviation: Float64Array.of(2) });
    const result = await alone.lossAndGradients(input, (features) => tf.sum(features), []);
    expect(result.loss).toBe(8);
    tf.dispose(result.gradients);
    await alone.dispose();
    tf.dispose([head, input]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
