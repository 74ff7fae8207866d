import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Kernel } from '@cultivar/kernel';
import { augmentation, definePlugin, regularizer, type LabelledBatch } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../../../test/conformance/backend.js';
import { drawDataset } from '../../../../test/support/drawn-images.js';
import { listening, tinyKernel } from '../../../../test/support/tiny-training.js';
import type { TrainingRequest } from '../request.js';
import { train } from '../train.js';

let augmented = 0;
/** Targets that training saw: those of copies have no certain class. */
let certain = 0;
let uncertain = 0;

@augmentation({ name: 'doubt', summary: 'Leaves no image of a certain class' })
class Doubt {
  apply({ images, targets }: LabelledBatch): LabelledBatch {
    augmented += images.shape[0];
    return { images, targets: tf.add(tf.mul(targets, 0.4), 0.2) };
  }
}

@regularizer({ name: 'witness', summary: 'Counts the targets that come by' })
class Witness {
  targets(targets: tf.Tensor2D): tf.Tensor2D {
    for (const most of tf.max(targets, 1).dataSync()) {
      if (most > 0.9) certain += 1;
      else uncertain += 1;
    }
    return targets;
  }
}

let work: string;
let kernel: Kernel;
let data: string;
let next = 0;
const request = (further: Partial<TrainingRequest>): TrainingRequest => {
  next += 1;
  return { data, backbone: { name: 'tiny' }, strategy: { name: 'fine-tune-top', epochs: 2 }, batchSize: 8, seed: 3, regularizers: [{ name: 'witness' }], augmentations: [{ name: 'doubt' }], out: join(work, `out-${next}`), ...further };
};
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-copies-'));
  data = await drawDataset(join(work, 'shapes'), { perClass: 12 });
  kernel = await tinyKernel(definePlugin({ name: 'watching', contributions: [Doubt, Witness] }));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));
beforeEach(() => {
  [augmented, certain, uncertain] = [0, 0, 0];
});

describe('augmented copies', () => {
  it.each([[1, 2], [2, 2], [3, 4]])('%s of each image over %s epochs: training sees them, and never the image as it is', async (views, epochs) => {
    await train(kernel, request({ views, epochs }), listening());
    expect([augmented, certain, uncertain]).toEqual([30 * views, 0, 30 * epochs]);
  });

  it('are no more than there are epochs to read them', async () => {
    await train(kernel, request({ views: 9, epochs: 2 }), listening());
    expect([augmented, certain, uncertain]).toEqual([60, 0, 60]);
  });

  it('are not made where nothing augments: then the image as it is, is what is trained on', async () => {
    await train(kernel, request({ views: 3, augmentations: [] }), listening());
    expect([augmented, certain, uncertain]).toEqual([0, 60, 0]);
  });

  it('are made as well where the model is measured on its own training images', async () => {
    await train(kernel, request({ views: 2, validation: 0 }), listening());
    expect([augmented, certain, uncertain]).toEqual([72, 0, 72]);
  });
});
