/** Whole pretrained networks: ONNX Runtime and tfjs agree, on the pixels, on every stage, and on a grafted classifier. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { assembleClassifier, NetworkReader, prepareBackbone, suffixModel } from '@cultivar/backbone';
import { OnnxEngine } from '@cultivar/engine-onnx';
import { readyBackend, TfjsEngine } from '@cultivar/engine-tfjs';
import type { Preprocessing, TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';

const shared = process.env['CULTIVAR_SHARED'] ?? fileURLToPath(new URL('../../shared', import.meta.url));
const models = join(shared, 'models');
const here = existsSync(models);
const where = here ? '' : ' (skipped: no weights in CULTIVAR_SHARED/models)';
const onnx = new OnnxEngine();
const tfjs = new TfjsEngine();
const input: Preprocessing = { size: 224, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], channels: 'rgb', resize: 'stretch' };

beforeAll(async () => {
  await readyBackend();
});

/** Bytes that look like nothing, the same every time. */
const pixels = (size: number): TensorData<Uint8Array> => ({
  data: Uint8Array.from({ length: size * size * 3 }, (_, index) => (index * 2654435761) % 251), shape: [1, size, size, 3],
});

function worst(a: TensorData, b: TensorData): number {
  expect(a.shape).toEqual(b.shape);
  return a.data.reduce((most, value, index) => Math.max(most, Math.abs(value - b.data[index]!)), 0);
}

describe('engines on pretrained networks', () => {
  for (const name of ['mobilenet-v1-0.25-224-layers', 'mobilenet-v2-1.00-224-layers', 'squeezenet-1.1-layers', 'teachable-machine-export']) {
    (here ? it : it.skip)(`agree within 1e-4 on ${name}${where}`, async () => {
      const { model } = await new NetworkReader().read({ location: join(models, name), size: 224 });
      const batch = pixels(model.inputs[0]!.shape[1] ?? 224);
      const [a, b] = [await onnx.inference(model, { normalisation: input }), await tfjs.inference(model, { normalisation: input })];
      const [[x], [y]] = [await a.run(batch), await b.run(batch)];
      expect(worst(x!, y!)).toBeLessThan(1e-4);
      await a.dispose();
      await b.dispose();
      model.dispose();
    });
  }

  (here ? it : it.skip)(`agree on every stage, and on a classifier grown on several${where}`, async () => {
    const before = tf.memory().numTensors;
    const { model, sha256 } = await new NetworkReader().read({ location: join(models, 'mobilenet-v1-0.25-224-layers') });
    const prepared = prepareBackbone({ model, input, licence: 'Apache-2.0', source: 'test', sha256 }, 'mobilenet-v1');
    const outputs = prepared.stages.map(({ output }) => ({ layer: output, pool: 'average' as const }));
    const batch = pixels(224);
    const [a, b] = [await onnx.inference(prepared.model, { normalisation: input, outputs }), await tfjs.inference(prepared.model, { normalisation: input, outputs })];
    const [x, y] = [await a.run(batch), await b.run(batch)];
    x.forEach((features, index) => expect(worst(features, y[index]!)).toBeLessThan(1e-4));
    await a.dispose();
    await b.dispose();

    const joined = prepared.stages.slice(-3);
    const features = joined.reduce((sum, { outputShape }) => sum + outputShape.at(-1)!, 0);
    const kernel = { data: Float32Array.from({ length: features * 3 }, (_, index) => Math.sin(index) / 10), shape: [features, 3] };
    const classifier = assembleClassifier(prepared, { features: joined.map((stage) => stage.name), kernel, bias: { data: Float32Array.of(0.1, 0, -0.1), shape: [3] }, labels: ['a', 'b', 'c'] });
    const [c, d] = [await onnx.inference(classifier, { normalisation: input }), await tfjs.inference(classifier, { normalisation: input })];
    const [[p], [q]] = [await c.run(batch), await d.run(batch)];
    expect(worst(p!, q!)).toBeLessThan(1e-5);
    expect(p!.data.reduce((sum, probability) => sum + probability, 0)).toBeCloseTo(1, 5);
    await c.dispose();
    await d.dispose();

    const program = await tfjs.training(suffixModel(prepared, prepared.stages.at(-2)!.name), { batchNorm: 'frozen' });
    const cut = tf.randomNormal([2, ...prepared.stages.at(-3)!.outputShape], 0, 1, 'float32', 1);
    const { loss, gradients } = await program.lossAndGradients(cut, (top) => tf.mean(tf.square(top)), []);
    expect(loss).toBeGreaterThan(0);
    expect(Object.keys(gradients)).toEqual(Object.keys(program.parameters));
    tf.dispose([gradients, cut]);
    await program.dispose();
    classifier.dispose();
    prepared.model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
