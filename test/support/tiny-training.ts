/** A run in miniature: a network of a few hundred weights as a backbone, drawn images, the plain tfjs engine. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import augmentations from '@cultivar/augmentations';
import engine from '@cultivar/engine-tfjs';
import initializers from '@cultivar/initializers';
import { createKernel, silentLogger, silentProgress, type Kernel } from '@cultivar/kernel';
import optimizers from '@cultivar/optimizers';
import regularizers from '@cultivar/regularizers';
import schedules from '@cultivar/schedules';
import {
  backbone, callback, definePlugin, exporter, metric, options, z,
  type Backbone, type Callback, type Exporter, type LoadedBackbone, type Metric, type Plugin, type TensorData,
} from '@cultivar/sdk';
import solvers from '@cultivar/solvers';
import strategies from '@cultivar/strategies';
import type { TrainingEvent, TrainingServices } from '@cultivar/training';
import { initializers as initial, layers, model as makeModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';

/** Convolution, batch norm, relu: three times, the resolution halved each time. */
@backbone({ name: 'tiny', summary: 'Three convolutions with fixed random weights', options: z.object({ seed: z.int().default(1), size: z.int().default(16), gain: z.number().default(1), looks: z.int().default(1) }) })
class Tiny implements Backbone {
  @options() readonly options!: { seed: number; size: number; gain: number; looks: number };

  async load(): Promise<LoadedBackbone> {
    const { seed, size, gain, looks } = this.options;
    const input = layers.input({ shape: [size, size, 3], name: 'image' }) as unknown as never;
    let x = input as SymbolicTensor;
    for (const [index, filters] of [8, 12, 16].entries()) {
      const kernelInitializer = initial.varianceScaling({ scale: 2 * (index === 0 ? gain ** 2 : 1), mode: 'fanIn', distribution: 'normal', seed: seed + index });
      x = layers.conv2d({ name: `conv-${index}`, filters, kernelSize: 3, strides: 2, padding: 'same', useBias: false, kernelInitializer }).apply(x) as SymbolicTensor;
      x = layers.batchNormalization({ name: `norm-${index}` }).apply(x) as SymbolicTensor;
      x = layers.reLU({ name: `relu-${index}` }).apply(x) as SymbolicTensor;
    }
    const model = makeModel({ inputs: input, outputs: x, name: 'tiny' });
    return {
      model, stages: [0, 1, 2].map((index) => ({ name: `stage-${index}`, output: `relu-${index}` })),
      input: { size, ...(looks > 1 ? { resize: 'crop', cropFraction: 0.875, second: { resize: 'stretch' } } : { resize: 'stretch' }), mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], channels: 'rgb' },
      licence: 'MIT', source: 'drawn', sha256: createHash('sha256').update(String(seed)).digest('hex'),
    };
  }
}

@metric({ name: 'surest', summary: 'The highest probability of any class of any image' })
class Surest implements Metric {
  compute({ probabilities }: { probabilities: TensorData }): number {
    return Math.max(...probabilities.data);
  }
}

@exporter({ name: 'names', summary: 'Lists the labels' })
class Names implements Exporter {
  async export(bundle: string, folder: string): Promise<string[]> {
    told.push(`export ${readFileSync(join(bundle, 'cultivar.json'), 'utf8').length > 0}`);
    return [folder];
  }
}

/** What the callback below was told, in order. */
export const told: string[] = [];

@callback({ name: 'listener', summary: 'Writes down what it is told' })
class Listener implements Callback {
  runStart() { told.push('run start'); }
  phaseStart(phase: string) { told.push(`${phase} start`); }
  epochEnd(history: readonly { phase: string; epoch: number }[]) { told.push(`${history.at(-1)!.phase} ${history.at(-1)!.epoch}`); }
  phaseEnd(phase: string) { told.push(`${phase} end`); }
  runEnd() { told.push('run end'); }
}

export const tinyPlugin: Plugin = definePlugin({ name: 'tiny', contributions: [Tiny, Surest, Names, Listener] });

/** @param further plugins beside the tiny one, the first set, and the tfjs engine */
export function tinyKernel(...further: Plugin[]): Promise<Kernel> {
  return createKernel({ plugins: [tinyPlugin, strategies, solvers, optimizers, schedules, initializers, augmentations, regularizers, engine, ...further] });
}

/** Silent services; what was said and what happened is kept. */
export function listening(signal: AbortSignal = new AbortController().signal): TrainingServices & { lines: string[]; events: TrainingEvent[] } {
  const lines: string[] = [];
  const events: TrainingEvent[] = [];
  const say = (line: string) => { lines.push(line); };
  return { logger: { ...silentLogger, info: say, warn: say }, progress: silentProgress, signal, emit: (event) => { events.push(event); }, lines, events };
}

/** Hash of a bundle's weights. */
export const weightsOf = (bundle: string): string => createHash('sha256').update(readFileSync(join(bundle, 'weights.bin'))).digest('hex');
