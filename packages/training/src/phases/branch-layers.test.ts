import { createRandom } from '@cultivar/kernel';
import type { Regularizer } from '@cultivar/sdk';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model as makeModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import '../../../../test/conformance/backend.js';
import { withBranches } from './branch-layers.js';

/** One block: y = x + W x. */
function residual() {
  const image = input({ shape: [2, 2, 3] });
  const branch = layers.conv2d({ name: 'branch', filters: 3, kernelSize: 1 }).apply(image) as SymbolicTensor;
  return makeModel({ inputs: image, outputs: layers.add().apply([image, branch]) as SymbolicTensor });
}

const times = (factor: number): Regularizer => ({ branch: (block, blocks) => (block === blocks - 1 ? (branch) => tf.mul(branch, factor) : undefined) });
const drawn: Regularizer = { branch: () => (branch, random) => tf.mul(branch, random.uniform()) };

describe('branches in training', () => {
  it('are changed by all regularizers, by the numbers of the step, and not before the first', () => {
    const model = residual();
    const before = tf.memory().numTensors;
    const branched = withBranches(model, [{}, times(3), drawn]);
    tf.tidy(() => {
      const image = tf.randomNormal([2, 2, 2, 3], 0, 1, 'float32', 1);
      const branch = (of: typeof model) => tf.sub(of.apply(image, { training: false }) as tf.Tensor, image);
      const plain = branch(model);
      const ratio = () => tf.div(tf.sum(branch(branched.model)), tf.sum(plain)).dataSync()[0]!;
      expect(ratio()).toBeCloseTo(1, 5);
      const seen = [1, 2, 1].map((seed) => {
        branched.draw(createRandom(seed));
        return ratio();
      });
      expect(seen[0]).toBe(seen[2]);
      expect(seen[0]).not.toBe(seen[1]);
      expect(seen.every((value) => value > 0 && value < 3)).toBe(true);
    });
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  it('of a network without residual blocks, or of regularizers that change none, stay', () => {
    const model = residual();
    expect(withBranches(model, [{}]).model).toBe(model);
    expect(withBranches(model, [{ branch: () => undefined }]).model).toBe(model);
    model.dispose();
  });
});
