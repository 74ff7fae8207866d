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

const largest = (x: tf.Tensor): number => tf.tidy(() => tf.max(tf.abs(x)).dataSync()[0]!);
/** max |a - b| / max |a|; where a is all zeros, b is to be so too. */
const difference = (a: tf.Tensor, b: tf.Tensor): number => tf.tidy(() => largest(tf.sub(a, b)) / (largest(a) || Number.EPSILON));

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
          const own = rectifiedConvolutionGradient({ ...plain, before: 'linear', dy, y: undefined, inputTrains: true, biasTrains: true });
          const all: [tf.Tensor, tf.Tensor][] = [
            [y, rectifiedConvolution(plain, undefined)], [stock.inputGradient(x.shape, filter, dy, window), own.dx!], [stock.filterGradient(x, filter.shape, dy, window), own.dFilter],
            [tf.sum(dy, [0, 1, 2]), own.dBias!],
          ];

          // What a rectifier wrote, and the gradient through it.
          const r = stock.relu6(x);
          const through = rectifiedConvolutionGradient({ ...plain, x: r, before: 'relu6', dy, y: undefined, inputTrains: true, biasTrains: false });
          all.push([stock.relu6Gradient(stock.inputGradient(x.shape, filter, dy, window), r), through.dx!], [stock.filterGradient(r, filter.shape, dy, window), through.dFilter]);

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

// Columns that fill vectors and panels, and that do not; more rows than are worked on at once, and fewer than a tile has.
const widths = [3, 8, 16, 20, 24, 40, 72, 100];
const places: [number, number][] = [[1, 2], [3, 5], [17, 19]];
const dense = [
  ...widths.flatMap((inputs) => widths.map((outputs) => ({ side: 1, stride: 1, pad: 'same' as const, inputs, outputs }))),
  ...[3, 5, 7].flatMap((side) => [1, 2].flatMap((stride) => pads.map((pad) => ({ side, stride, pad, inputs: side === 5 ? 1 : 3, outputs: 32 })))),
];

(there ? describe : describe.skip)(`convolution as a product of matrices beside TensorFlow's${there ? '' : ' (skipped: run `cultivar native install`)'}`, () => {
  it.each(dense)('$side x $side, stride $stride, $pad, $inputs to $outputs channels: result, gradients and statistics agree within 1e-5', ({ side, stride, pad, inputs, outputs }) => {
    const window: Window = { depthwise: false, strides: [stride, stride], pad };
    // Of larger windows the gradient of the filter alone.
    const inputTrains = side === 1;
    const before = tf.memory().numTensors;
    let worst = 0;
    let seed = 0;
    for (const [height, width] of places.filter((size) => pad === 'same' || Math.min(...size) >= side)) {
      tf.tidy(() => {
        const normal = (shape: number[]) => tf.randomNormal(shape, 0.3, 1, 'float32', ++seed);
        const [image, filter, bias, scale, gamma, beta] = [normal([2, height, width, inputs]), normal([side, side, inputs, outputs]), normal([outputs]), normal([outputs]), normal([outputs]), normal([outputs])];
        const x = stock.relu6(image);
        const scaled = tf.mul(filter, scale);
        const y = stock.relu6(stock.biasAdd(stock.convolution(x, scaled, window), bias));
        const dy = normal(y.shape);
        const g = stock.relu6Gradient(dy, y);
        const step = { x, filter, scale, window, activation: 'relu6', inputTrains } as const;
        const own = rectifiedConvolutionGradient({ ...step, dy, y, before: inputTrains ? 'relu6' : 'linear', biasTrains: true });
        const all: [tf.Tensor, tf.Tensor][] = [
          [y, rectifiedConvolution(step, bias)],
          [stock.convolution(x, filter, window), rectifiedConvolution({ ...step, scale: undefined, activation: 'linear' }, undefined)],
          [tf.mul(stock.filterGradient(x, filter.shape, g, window), scale), own.dFilter], [stock.biasGradient(g), own.dBias!],
        ];
        if (inputTrains) all.push([stock.relu6Gradient(stock.inputGradient(x.shape, scaled, g, window), x), own.dx!]);

        // Of four places a mean and a variance say little: a larger epsilon keeps rounding from being magnified.
        const epsilon = 0.1;
        const link = ownChain.link({ x, before: undefined, filter, window }, gamma, beta, epsilon);
        const alone = statistics(link.y, gamma, beta, epsilon);
        all.push([stock.convolution(x, filter, window), link.y], [alone.affine, link.affine], [alone.mean, link.mean]);
        const pending = { affine: alone.affine, activation: 'relu6' } as const;
        const { slopes } = ownChain.moments(dy, link.y, pending);
        const chained = ownChain.linkGradient({ x, before: undefined, filter, window }, dy, link.y, pending, slopes, inputTrains);
        const written = ownChain.gradient(dy, link.y, pending, slopes);
        all.push([stock.filterGradient(x, filter.shape, written, window), chained.dFilter]);
        if (inputTrains) all.push([stock.inputGradient(x.shape, filter, written, window), chained.dx!]);
        for (const [expected, found] of all) worst = Math.max(worst, difference(expected, found));
      });
    }
    expect(seed).toBeGreaterThan(0);
    expect(worst).toBeLessThan(1e-5);
    expect(tf.memory().numTensors).toBe(before);
  });
});
