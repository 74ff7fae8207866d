import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kernel } from '@cultivar/kernel';
import { backbone, definePlugin, strategy, type Backbone, type FreezePlan, type LoadedBackbone } from '@cultivar/sdk';
import { initializers as initial, layers, model as makeModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../../../test/conformance/backend.js';
import { drawDataset, drawnImage } from '../../../../test/support/drawn-images.js';
import { listening, tinyKernel, weightsOf } from '../../../../test/support/tiny-training.js';
import { evaluateBundle } from '../bundle/evaluate-bundle.js';
import { openBundle } from '../bundle/open-bundle.js';
import type { TrainingRequest } from '../request.js';
import { train } from '../train.js';

/** Three convolutions, the last two of one resolution: the middle one is not among the stages that every run computes. */
@backbone({ name: 'level', summary: 'Two stages of one resolution' })
class Level implements Backbone {
  async load(): Promise<LoadedBackbone> {
    const input = layers.input({ shape: [16, 16, 3] }) as SymbolicTensor;
    const convolution = (index: number, filters: number, strides: number) => layers.conv2d({ name: `conv-${index}`, filters, kernelSize: 3, strides, padding: 'same', activation: 'relu', kernelInitializer: initial.heNormal({ seed: index + 1 }) });
    const x = [[8, 2], [12, 2], [16, 1]].reduce((before, [filters, strides], index) => convolution(index, filters!, strides!).apply(before) as SymbolicTensor, input);
    return {
      model: makeModel({ inputs: input, outputs: x, name: 'level' }), stages: [0, 1, 2].map((index) => ({ name: `stage-${index}`, output: `conv-${index}` })),
      input: { size: 16, resize: 'stretch', mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], channels: 'rgb' }, licence: 'MIT', source: 'drawn', sha256: 'level',
    };
  }
}

@strategy({ name: 'tenth', summary: 'Solve on a tenth of the features, whatever else were better' })
class Tenth {
  plan(): FreezePlan {
    return { reasons: ['a test'], phases: [{ kind: 'solve', name: 'solve', candidates: [], select: { stages: ['stage-0', 'stage-1', 'stage-2'], penalty: 0.05, fractions: [0.1] } }] };
  }
}

let work: string;
let data: string;
let kernel: Kernel;
let next = 0;
const selecting = { strategy: { name: 'head2toe', fractions: [0.2, 0.5] } };

/** A run, and how often the backbone went over the images before the plan was made, and after. */
async function passes(further: Partial<TrainingRequest>) {
  const services = listening();
  const counts = { before: 0, after: 0 };
  const progress = {
    start: (label: string) => {
      if (label === 'Computing features') counts[services.events.some(({ type }) => type === 'plan') ? 'after' : 'before'] += 1;
      return { advance() {}, finish() {} };
    },
  };
  const result = await train(kernel, { data, backbone: { name: 'level' }, seed: 3, out: join(work, `out-${next += 1}`), ...further }, { ...services, progress });
  return { counts, result, services, essence: { metrics: result.metrics, weights: weightsOf(result.bundle), setAside: result.setAside, loss: result.history.map(({ loss }) => loss) } };
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-kept-features-'));
  data = await drawDataset(join(work, 'shapes'), { perClass: 12 });
  kernel = await tinyKernel(definePlugin({ name: 'level', contributions: [Level, Tenth] }));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('features of the frozen backbone', () => {
  it('of all stages that a strategy reads come out of one pass', async () => {
    expect((await passes(selecting)).counts).toEqual({ before: 1, after: 0 });
  });

  it('are shared with other runs: computed once, and what one reads besides in a pass of its own; to the same numbers', async () => {
    const before = tf.memory().numTensors;
    const damaged = join(work, 'damaged');
    cpSync(data, damaged, { recursive: true });
    const bytes = Buffer.from(await drawnImage('discs', 78));
    // Found out only when it is decoded.
    bytes.fill(0xff, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 40);
    writeFileSync(join(damaged, 'discs', 'torn.png'), bytes);
    const featureFolder = join(work, 'features');
    mkdirSync(featureFolder);
    const few = { data: damaged, featureFolder, perClass: 4, strategy: { name: 'linear-probe' } };
    const [first, shared, alone] = [await passes(few), await passes({ ...selecting, data: damaged, featureFolder }), await passes({ ...selecting, data: damaged })];
    expect([first, shared, alone].map(({ counts }) => counts.before + counts.after)).toEqual([1, 1, 1]);
    expect(shared.essence).toEqual(alone.essence);
    expect(shared.result.setAside).toMatchObject([{ path: 'discs/torn.png' }]);
    const [again, fewAgain] = [await passes({ ...selecting, data: damaged, featureFolder }), await passes(few)];
    expect([again, fewAgain].map(({ counts }) => counts)).toEqual([{ before: 0, after: 0 }, { before: 0, after: 0 }]);
    expect([again.essence, fewAgain.essence]).toEqual([shared.essence, first.essence]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a classifier on selected features', () => {
  it('becomes a bundle that reads those stages alone and says the same', async () => {
    const split = join(work, 'split');
    await drawDataset(join(split, 'train'), { perClass: 8 });
    await drawDataset(join(split, 'val'), { perClass: 4, from: 20 });
    const { result, services } = await passes({ data: split, strategy: { name: 'tenth' } });
    // A tenth of 8 + 12 + 16.
    const [, list] = /^Taken: 4 of 36 features: (.+)\.$/m.exec(services.lines.join('\n'))!;
    const taken = list!.split(', ').map((part) => /^(\d+) of \d+ of (.+)$/.exec(part)!);
    expect(taken.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(4);
    expect(taken.every(([, count]) => Number(count) > 0)).toBe(true);
    const bundle = await openBundle(kernel, result.bundle, { services: listening() });
    expect(bundle.manifest.features).toEqual(taken.map(([, , stage]) => stage));
    await bundle.dispose();
    const again = await evaluateBundle(kernel, result.bundle, join(split, 'val'), listening());
    expect(again).toMatchObject({ accuracy: result.metrics.accuracy, confusion: result.metrics.confusion, loss: expect.closeTo(result.metrics.loss, 5) });
  });
});
