import { written } from '@cultivar/kernel';
import type { Kernel } from '@cultivar/kernel';
import type { ContributionReference, Initializer, Random } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { tmpdir } from 'node:os';
import { drawnSamples, passes, type Activation } from './deep-network.js';
import { distinctUnits, layerStatistics, type LayerStatistics } from './layer-statistics.js';

export interface InitializerStudyOptions {
  /** Default: those of the lecture, and `lecun`, `glorot`, `he`, `orthogonal`. */
  initializers?: readonly ContributionReference[];
  /** Default both. */
  activations?: readonly Activation[];
  /** Hidden layers. Default 10, as in the lecture. */
  layers?: number;
  /** Units of each. Default 256. */
  units?: number;
  /** Default 512. */
  samples?: number;
  /** Default 0. */
  seed?: number;
}

/** How a network fares at its very first step. */
export type Verdict = 'symmetric' | 'saturated' | 'collapsed' | 'shrinking' | 'steady' | 'exploded';

export interface InitializerTrial {
  /** As it is written: `normal:deviation=0.01`. */
  initializer: string;
  activation: Activation;
  verdict: Verdict;
  layers: {
    activation: LayerStatistics;
    /** Of the loss with respect to the layer's output. */
    gradient: LayerStatistics;
    /** Share of tanh's outputs beyond 0.99 in size, where the slope is gone; of relu none. */
    saturated: number;
    /** Units whose outputs or whose weights' gradients differ. */
    distinct: number;
  }[];
}

const classes = 10;
const usual: readonly ContributionReference[] = [
  { name: 'zeros' }, { name: 'constant' }, { name: 'normal', deviation: 1 }, { name: 'normal', deviation: 0.01 },
  { name: 'lecun' }, { name: 'glorot' }, { name: 'he' }, { name: 'orthogonal' },
];

/**
 * What each initializer makes of a deep network before any training: normal features go forward through ten layers, the gradient
 * of a softmax loss comes back. After the CS231n lecture on weight initialization.
 * @throws CultivarError CONTRIBUTION_UNKNOWN, OPTION_INVALID
 */
export async function compareInitializers(kernel: Kernel, options: InitializerStudyOptions = {}): Promise<InitializerTrial[]> {
  const { initializers = usual, activations = ['tanh', 'relu'], layers = 10, units = 256, samples = 512, seed = 0 } = options;
  const run = kernel.openRun({ seed, outputFolder: tmpdir() });
  try {
    const trials: InitializerTrial[] = [];
    for (const activation of activations) {
      for (const reference of initializers) {
        const initializer = run.create<Initializer>('initializer', reference);
        const found = throughLayers({ initializer, activation, layers, units, samples, random: run.random });
        trials.push({ initializer: written(reference), activation, verdict: verdictOf(found), layers: found });
      }
    }
    return trials;
  } finally {
    await run.dispose();
  }
}

interface Network {
  initializer: Initializer;
  activation: Activation;
  layers: number;
  units: number;
  samples: number;
  random: Random;
}

function throughLayers({ initializer, activation, layers, units, samples, random }: Network): InitializerTrial['layers'] {
  const found: InitializerTrial['layers'] = [];
  tf.tidy(() => {
    // The same features for all; each layer's kernel from a stream of its own.
    const { input, labels } = drawnSamples(random.child('samples'), samples, units, classes);
    const kernels = Array.from({ length: layers + 1 }, (_, layer) => {
      const fan = { fanIn: units, fanOut: layer < layers ? units : classes };
      return initializer.create([fan.fanIn, fan.fanOut], { ...fan, random: random.child('kernel').child(layer) }) as tf.Tensor2D;
    });
    const { activations, gradients, kernelGradients } = passes(input, kernels, labels, activation);
    activations.forEach((output, layer) => {
      const data = output.dataSync<'float32'>();
      found.push({
        activation: layerStatistics(data),
        gradient: layerStatistics(gradients[layer]!.dataSync<'float32'>()),
        saturated: activation === 'tanh' ? data.reduce((sum, value) => sum + (Math.abs(value) > 0.99 ? 1 : 0), 0) / data.length : 0,
        distinct: Math.max(distinctUnits(data, units), distinctUnits(kernelGradients[layer]!.dataSync<'float32'>(), units)),
      });
    });
  });
  return found;
}

/**
 * In one word. Limits are by eye: a last layer a hundred times smaller or larger than the first is past mending by a
 * rate, ten times is a warning; half of the units without a slope is what the lecture calls saturated.
 */
function verdictOf(layers: InitializerTrial['layers']): Verdict {
  const [first, last] = [layers[0]!, layers.at(-1)!];
  if (layers.some(({ distinct }) => distinct === 1)) return 'symmetric';
  if (layers.some(({ saturated }) => saturated > 0.5)) return 'saturated';
  const growth = last.activation.deviation / first.activation.deviation;
  if (growth < 0.01) return 'collapsed';
  if (growth < 0.1) return 'shrinking';
  return growth > 100 ? 'exploded' : 'steady';
}
