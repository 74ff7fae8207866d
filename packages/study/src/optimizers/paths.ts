import { written } from '@cultivar/kernel';
import type { Kernel } from '@cultivar/kernel';
import type { ContributionReference, Optimizer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { tmpdir } from 'node:os';
import { surfaces, type Surface } from './surfaces.js';

export interface OptimizerPath {
  surface: string;
  /** As it is written on the command line. */
  optimizer: string;
  rate: number;
  /** Whether the rate is the surface's own or the best of those tried. */
  rateFrom: 'surface' | 'search';
  /** The start and where each step ended, as the optimizer measures it. */
  points: [number, number][];
  /** At the last point. */
  value: number;
}

/** Rates tried: three to a power of ten. */
const rates = [-3, -2, -1, 0].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));

/**
 * Where optimizers go on surfaces of two variables, each at the surface's rate for it or else at the one of 0.001 to 5 that ends lowest.
 * @throws CultivarError CONTRIBUTION_UNKNOWN, OPTION_INVALID
 */
export async function optimizerPaths(kernel: Kernel, optimizers: readonly ContributionReference[], on: readonly Surface[] = surfaces): Promise<OptimizerPath[]> {
  const run = kernel.openRun({ seed: 0, outputFolder: tmpdir() });
  try {
    return on.flatMap((surface) => optimizers.map((reference): OptimizerPath => {
      const optimizer = run.create<Optimizer>('optimizer', reference);
      const known = surface.rates[reference.name];
      const trials = (known === undefined ? rates : [known]).map((rate) => {
        const points = path(optimizer, surface, rate);
        return { rate, points, value: surface.value(...points.at(-1)!) };
      });
      const best = trials.reduce((one, other) => (other.value < one.value || Number.isNaN(one.value) ? other : one));
      return { surface: surface.name, optimizer: written(reference), rateFrom: known === undefined ? 'search' : 'surface', ...best };
    }));
  } finally {
    await run.dispose();
  }
}

/** All points, from the start on. */
export function path(optimizer: Optimizer, { slope, start, steps }: Pick<Surface, 'slope' | 'start' | 'steps'>, learningRate: number): [number, number][] {
  const points: [number, number][] = [start];
  let parameter: tf.Tensor = tf.tensor1d(start);
  let slots: Record<string, tf.Tensor> = {};
  for (let step = 1; step <= steps; step += 1) {
    const before = [parameter, ...Object.values(slots)];
    [parameter, slots] = tf.tidy(() => {
      const [x, y] = parameter.dataSync();
      const gradient = tf.tensor1d(slope(x!, y!));
      const update = optimizer.update({ gradient, slots, step, learningRate, multiplier: 1, parameter });
      return [tf.add(parameter, update.delta), Object.fromEntries(Object.entries(update.slots).map(([name, slot]) => [name, tf.clone(slot)]))];
    });
    tf.dispose(before);
    tf.tidy(() => {
      const [x, y] = (optimizer.evaluated?.({ parameter, slots, step }) ?? parameter).dataSync();
      points.push([x!, y!]);
    });
  }
  tf.dispose([parameter, slots]);
  return points;
}
