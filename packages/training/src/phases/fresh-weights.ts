import type { Initializer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { RunContext } from '../run/run-context.js';

/** What weights that are no kernels begin as. */
const constants: Readonly<Record<string, number>> = { bias: 0, beta: 0, gamma: 1, moving_mean: 0, moving_variance: 1 };

/**
 * Draws all weights of a network anew: kernels by the initializer that was asked for, or by `he`, each from a stream of its
 * name; offsets zero, scales one, statistics those of a standard normal.
 */
export function drawFreshWeights({ run, request, asked, has }: RunContext, network: LayersModel): void {
  const initializer = run.create<Initializer>('initializer', !asked.includes('initializer') && has('initializer', 'he') ? { name: 'he' } : request.initializer);
  const random = run.random.child('fresh');
  for (const weight of network.weights) {
    const name = weight.originalName;
    const constant = constants[name.split('/').at(-1)!];
    const shape = weight.shape as number[];
    tf.tidy(() => {
      weight.write(constant === undefined ? initializer.create(shape, { ...fans(shape, /depthwise/.test(name)), random: random.child(name) }) : tf.fill(shape, constant));
    });
  }
}

/** What flows into and out of one unit: the window times the channels in and out; of a depthwise kernel [h, w, C, m], the window alone, and m of them. */
function fans(shape: readonly number[], depthwise: boolean): { fanIn: number; fanOut: number } {
  const window = shape.slice(0, -2).reduce((product, side) => product * side, 1);
  const [inputs = 1, outputs = 1] = shape.slice(-2);
  return depthwise ? { fanIn: window, fanOut: window * outputs } : { fanIn: window * inputs, fanOut: window * outputs };
}
