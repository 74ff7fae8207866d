import * as tf from '@tensorflow/tfjs-core';
import type { Activation, ChainKernels, Kernels, Link, Pending } from '../kernels.js';
import type { Layer } from '../network/flat-network.js';
import { normalizationWeights, type BatchStatistics } from './batch-normalization.js';
import { blockWindow } from './convolution-block.js';
import { usedUp } from './used-up.js';

/** A convolution without offset, its batch-norm that trains, and the rectifier behind. */
export interface ChainLink {
  convolution: Layer;
  batchNormalization: Layer;
  activation: Activation;
}

/**
 * Links one behind another, each read by the next alone: z_i = f_i(n_i(y_i)), y_i = W_i * z_(i-1), where n is batch-norm on the
 * batch. Only the y are kept; each link normalises what it reads and sums what the batch-norm before it needs on the way
 * back. (Ioffe & Szegedy 2015; recomputing z: Bulo et al. 2018, In-Place Activated BatchNorm)
 * @param seen gets the statistics; the caller disposes them
 */
export function convolutionChain(links: readonly ChainLink[], x: tf.Tensor, inputTrains: boolean, seen: BatchStatistics[], kernels: Kernels, chain: ChainKernels): tf.Tensor {
  const count = links.length;
  const windows = links.map(({ convolution }) => blockWindow(convolution)!);
  const normalizations = links.map(({ batchNormalization }) => normalizationWeights(batchNormalization));
  const filters = links.map(({ convolution }) => convolution.weights[0]!.read() as tf.Tensor);
  // Another convolution than the chain takes may be its first.
  const foreign = !chain.takes(filters[0]!.shape, windows[0]!, inputTrains);

  const compute = tf.customGrad((...inputs) => {
    const save = inputs.at(-1) as unknown as tf.GradSaveFunc;
    const [input, ...weights] = inputs.slice(0, -1) as tf.Tensor[] as [tf.Tensor, ...tf.Tensor[]];
    const ys: tf.Tensor[] = [];
    const pending: Pending[] = [];
    links.forEach(({ batchNormalization, activation }, index) => {
      const [filter, gamma, beta] = [weights[index]!, weights[count + index]!, weights[2 * count + index]!];
      const { epsilon } = normalizations[index]!;
      const link: Link = { x: ys[index - 1] ?? input, before: pending[index - 1], filter, window: windows[index]! };
      let written: tf.Tensor;
      let statistics;
      if (index === 0 && foreign) {
        written = kernels.convolution({ x: input, filter, scale: undefined, window: link.window, activation: 'linear' }, undefined);
        statistics = chain.statistics(written, gamma, beta, epsilon);
      } else {
        ({ y: written, ...statistics } = chain.link(link, gamma, beta, epsilon));
      }
      const { affine, mean, variance } = statistics;
      seen.push({ layer: batchNormalization, mean: tf.keep(tf.clone(mean)) as tf.Tensor1D, variance: tf.keep(tf.clone(variance)) as tf.Tensor1D });
      ys.push(written);
      pending.push({ affine, activation });
    });
    save([input, ...weights.slice(0, count), ...ys, ...pending.map(({ affine }) => affine)]);

    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => usedUp(saved, () => {
      const [first, ...rest] = saved as [tf.Tensor, ...tf.Tensor[]];
      const [kernelsOf, written, affines] = [0, 1, 2].map((part) => rest.slice(part * count, (part + 1) * count)) as [tf.Tensor[], tf.Tensor[], tf.Tensor[]];
      const behind = affines.map((affine, index): Pending => ({ affine, activation: links[index]!.activation }));
      const dFilters: tf.Tensor[] = [], dGammas: tf.Tensor[] = [], dBetas: tf.Tensor[] = [];
      let dz: tf.Tensor | undefined = dy;
      let moments = chain.moments(dy, written.at(-1)!, behind.at(-1)!);
      for (let index = count - 1; index >= 0; index--) {
        dGammas[index] = moments.dGamma;
        dBetas[index] = moments.dBeta;
        const link: Link = { x: written[index - 1] ?? first, before: behind[index - 1], filter: kernelsOf[index]!, window: windows[index]! };
        const wanted = index > 0 || inputTrains;
        const [given, y]: [tf.Tensor, tf.Tensor] = [dz!, written[index]!];
        if (index === 0 && foreign) {
          const through = chain.gradient(given, y, behind[0]!, moments.slopes);
          const step = { dy: through, y: undefined, x: first, filter: link.filter, scale: undefined, window: link.window, activation: 'linear', before: 'linear', inputTrains, biasTrains: false } as const;
          const { dx, dFilter } = kernels.convolutionGradient(step);
          through.dispose();
          [dz, dFilters[0]] = [dx, dFilter];
        } else {
          const { dx, dFilter, before } = chain.linkGradient(link, given, y, behind[index]!, moments.slopes, wanted);
          [dz, dFilters[index]] = [dx, dFilter];
          if (before) moments = before;
        }
        // Large ones go at once, not when the chain is through.
        y.dispose();
        if (index < count - 1) given.dispose();
      }
      // A dx that is left out is never read.
      return [dz ?? tf.zeros([0]), ...dFilters, ...dGammas, ...dBetas];
    });
    return { value: chain.applied(ys.at(-1)!, pending.at(-1)!), gradFunc };
  });
  return compute(x, ...filters, ...normalizations.map(({ gamma }) => gamma), ...normalizations.map(({ beta }) => beta));
}
