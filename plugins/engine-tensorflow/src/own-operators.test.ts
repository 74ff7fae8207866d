import { describe, expect, it } from '@jest/globals';
import type { Window } from '@cultivar/engine';
import { installedNativeTensorFlow } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import * as stock from './operators.js';
import { applied, hasOwnOperators, ownChain, rectifiedConvolution, rectifiedConvolutionGradient, statistics } from './own-operators.js';
import { readyTensorFlow } from './backend.js';

const installed = (await installedNativeTensorFlow()) !== undefined;
if (installed) await readyTensorFlow();
const there = installed && hasOwnOperators();

/** max |a - b| / max |a| */
const difference = (a: tf.Tensor, b: tf.Tensor): number => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]! / tf.max(tf.abs(a)).dataSync()[0]!);

const sides = [1, 3, 5, 7];
const strides = [1, 2, 3];
const pads = ['same', 'valid'] as const;
// Smaller than the filter's reach, odd, one side long, larger than what is worked on at once.
const sizes: [number, number][] = [[7, 7], [8, 9], [14, 15], [31, 12], [112, 13]];
const channels = [3, 8, 20];
const cases = sides.flatMap((side) => strides.flatMap((stride) => pads.map((pad) => ({ side, stride, pad }))));

(there ? describe : describe.skip)(`depthwise convolution beside TensorFlow's${there ? '' : ' (skipped: run `cultivar native install`)'}`, () => {
  it.each(cases)('side $side, stride $stride, $pad: result and gradients agree within 1e-5, with and without a batch-norm before', ({ side, stride, pad }) => {
    const window: Window = { depthwise: true, strides: [stride, stride], pad };
    const before = tf.memory().numTensors;
    let worst = 0;
    let seed = 0;
    for (const [height, width] of sizes.filter((size) => pad === 'same' || Math.min(...size) >= side)) {
      for (const count of channels) {
        tf.tidy(() => {
          const normal = (shape: number[]) => tf.randomNormal(shape, 0.3, 1, 'float32', ++seed);
          const [x, filter, gamma, beta] = [normal([2, height, width, count]), normal([side, side, count, 1]), normal([count]), normal([count])];
          const epsilon = 1e-3;

          const y = stock.convolution(x, filter, window);
          const dy = normal(y.shape);
          const plain = { x, filter, scale: undefined, window, activation: 'linear' } as const;
          const own = rectifiedConvolutionGradient({ ...plain, dy, y: undefined, inputTrains: true, biasTrains: true });
          const all: [tf.Tensor, tf.Tensor][] = [
            [y, rectifiedConvolution(plain, undefined)], [stock.inputGradient(x.shape, filter, dy, window), own.dx!], [stock.filterGradient(x, filter.shape, dy, window), own.dFilter],
            [tf.sum(dy, [0, 1, 2]), own.dBias!],
          ];

          const pending = { affine: statistics(x, gamma, beta, epsilon).affine, activation: 'relu6' } as const;
          const z = applied(x, pending);
          const link = { x, before: pending, filter, window };
          all.push([stock.convolution(z, filter, window), ownChain.link(link, tf.ones([count]), tf.zeros([count]), epsilon).y]);
          for (const [expected, found] of all) worst = Math.max(worst, difference(expected, found));
        });
      }
    }
    expect(seed).toBeGreaterThan(0);
    expect(worst).toBeLessThan(1e-5);
    expect(tf.memory().numTensors).toBe(before);
  });
});
