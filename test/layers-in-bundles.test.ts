/** A network that holds layers of `@cultivar/layers` is saved as a bundle and classifies, also where the bundle alone is there. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import './conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { BatchNorm, Dropout, FractionalMaxPooling, GlobalAverageHead, GroupNorm, InstanceNorm, LayerNorm, StochasticDepth } from '@cultivar/layers';
import { load } from 'cultivar';
import { writeModelBundle, type NewManifest } from '@cultivar/training';

const preprocessing = { size: 8, resize: 'stretch' as const, mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' as const };
const manifest = { labels: ['a', 'b', 'c'], preprocessing, seed: 0 } as unknown as NewManifest;
const pixels = Array.from({ length: 8 * 8 * 3 }, (_, index) => (index * 37) % 256);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layers-in-bundles-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a bundle with layers of a plugin', () => {
  it('loads, and predicts what the network predicts', async () => {
    const model = sequential({
      layers: [
        layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, kernelInitializer: 'ones' }), new BatchNorm(), new LayerNorm(), new GroupNorm(), new InstanceNorm(),
        new FractionalMaxPooling(), new StochasticDepth(), new Dropout(), new GlobalAverageHead({ units: 3, seed: 4 }),
      ],
    });
    const expected = tf.tidy(() => [...(model.predict(tf.div(tf.tensor4d(pixels, [1, 8, 8, 3]), 255)) as tf.Tensor).dataSync()]);
    await writeModelBundle(folder, model, manifest);
    model.dispose();
    const classifier = await load(folder);
    const image = { shape: [8, 8, 3], dtype: 'int32', data: async () => pixels };
    const found = await classifier.classify(image);
    await classifier.dispose();
    for (const { label, probability } of found) expect(probability).toBeCloseTo(expected['abc'.indexOf(label)]!, 5);
  }, 60_000);
});
