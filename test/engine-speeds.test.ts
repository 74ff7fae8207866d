/** What `cultivar doctor --bench` measures and keeps. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { createKernel } from '@cultivar/kernel';
import { measureEngines } from '@cultivar/training';
import * as tf from '@tensorflow/tfjs-core';
import { nanoIsBuilt } from './support/command.js';

(nanoIsBuilt ? it : it.skip)(`speeds of the engines that train are measured and kept in the cache${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, async () => {
  const cache = await mkdtemp(join(tmpdir(), 'cultivar-speeds-'));
  const usual = process.env['CULTIVAR_CACHE'];
  process.env['CULTIVAR_CACHE'] = cache;
  try {
    const from = fileURLToPath(new URL('.', import.meta.url));
    const kernel = await createKernel({ plugins: ['@cultivar/backbones', '@cultivar/engine-onnx', '@cultivar/engine-tfjs'], from });
    const said: string[] = [];
    // What stays of a backend that starts is no tensor of ours: counted from the second time on.
    await measureEngines(kernel, { seconds: 0, images: 1 });
    const before = tf.memory().numTensors;
    const speeds = await measureEngines(kernel, { seconds: 0, images: 2, say: (line) => said.push(line) });
    expect(tf.memory().numTensors).toBe(before);
    expect(Object.keys(speeds.imagesPerSecond).sort()).toEqual(['onnx', 'tfjs']);
    for (const speed of Object.values(speeds.imagesPerSecond)) expect(speed).toBeGreaterThan(0);
    expect(said).toHaveLength(2);
    expect(JSON.parse(await readFile(join(cache, 'engine-speeds.json'), 'utf8'))).toEqual(speeds);
  } finally {
    if (usual === undefined) delete process.env['CULTIVAR_CACHE'];
    else process.env['CULTIVAR_CACHE'] = usual;
    await rm(cache, { recursive: true });
  }
});
