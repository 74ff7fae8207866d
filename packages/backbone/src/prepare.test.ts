import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoadedBackbone } from '@cultivar/sdk';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assembleClassifier, captureWeights, countParameters, loadModel, prefixModel, prepareBackbone, type PreparedBackbone, restoreWeights, saveModel, suffixModel } from './index.js';
import { nested, smallNetwork } from './small-network.test.data.js';

function loaded(model: tfl.LayersModel, size = 32): LoadedBackbone {
  return { model, input: { size, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], channels: 'rgb', resize: 'stretch' }, licence: 'none', source: 'test', sha256: '' };
}

const largestGap = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!);

beforeAll(() => tf.setBackend('cpu'));

describe('prepareBackbone', () => {
  it('cuts the classifier away, ends stages before the resolution drops, and leaves nothing behind', () => {
    const before = tf.memory().numTensors;
    const prepared = prepareBackbone(loaded(smallNetwork()), 'small');
    expect(prepared.model.outputs[0]!.shape).toEqual([null, 4, 4, 48]);
    expect(prepared.stages.map(({ output, outputShape }) => [output, outputShape])).toEqual([
      ['stem_relu', [16, 16, 8]],
      ['block_2_add', [8, 8, 12]],
      ['block_3_project_bn', [4, 4, 24]],
      ['top_relu', [4, 4, 48]],
    ]);
    expect(prepared.stages.reduce((sum, stage) => sum + stage.parameters, 0)).toBe(countParameters(prepared.model));
    expect(prepared.stages.flatMap((stage) => stage.layers)).toHaveLength(prepared.model.layers.length - 1);
    for (const layer of prepared.model.layers) expect(layer.inboundNodes).toHaveLength(1);
    prepared.model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('dissolves nested models', () => {
    const before = tf.memory().numTensors;
    const inner = smallNetwork();
    const x = tf.randomUniform([1, 32, 32, 3], -1, 1, 'float32', 7);
    const expected = tf.tidy(() => tfl.model({ inputs: inner.inputs, outputs: inner.getLayer('top_relu').output }).predict(x) as tf.Tensor);
    const prepared = prepareBackbone(loaded(nested(inner)), 'nested');
    expect(prepared.stages.map((stage) => stage.output)).toEqual(['stem_relu', 'block_2_add', 'block_3_project_bn', 'top_relu']);
    const found = prepared.model.predict(x) as tf.Tensor;
    expect(largestGap(found, expected)).toBe(0);
    tf.dispose([x, expected, found]);
    prepared.model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('takes another input size', () => {
    const prepared = prepareBackbone(loaded(smallNetwork(), 48), 'small');
    expect(prepared.stages.at(-1)!.outputShape).toEqual([6, 6, 48]);
    prepared.model.dispose();
  });

  it('refuses networks without features that have height and width', () => {
    const before = tf.memory().numTensors;
    const flat = tfl.sequential({ layers: [tfl.layers.flatten({ inputShape: [4, 4, 3] }), tfl.layers.dense({ units: 2 })] });
    expect(() => prepareBackbone(loaded(flat, 4), 'flat')).toThrow(expect.objectContaining({ code: 'BACKBONE_STAGES' }));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses an image too small for the network, and leaves nothing behind', () => {
    const before = tf.memory().numTensors;
    const valid = tfl.sequential({ layers: [
      tfl.layers.conv2d({ inputShape: [32, 32, 3], filters: 4, kernelSize: 9 }), tfl.layers.conv2d({ filters: 4, kernelSize: 9 }),
      tfl.layers.globalAveragePooling2d({}), tfl.layers.dense({ units: 2 }),
    ] });
    expect(() => prepareBackbone(loaded(valid, 12), 'valid')).toThrow(expect.objectContaining({ code: expect.stringMatching(/BACKBONE_/) }));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses cuts of its own that something jumps over', () => {
    const before = tf.memory().numTensors;
    const wrong = { ...loaded(smallNetwork()), stages: [{ name: 'inside', output: 'block_2_project_bn' }] };
    expect(() => prepareBackbone(wrong, 'wrong')).toThrow(expect.objectContaining({ code: 'BACKBONE_FORMAT' }));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('views, classifier and files', () => {
  let prepared: PreparedBackbone;
  let image: tf.Tensor;
  let start: number;
  beforeAll(() => {
    start = tf.memory().numTensors;
    prepared = prepareBackbone(loaded(smallNetwork()), 'small');
    image = tf.randomUniform([2, 32, 32, 3], -1, 1, 'float32', 3);
  });
  afterAll(() => {
    prepared.model.dispose();
    image.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });

  it('prefix and suffix make up the whole, bit for bit, at every cut', () => {
    const whole = prepared.model.predict(image) as tf.Tensor;
    prepared.stages.slice(1).forEach((stage, index) => {
      const cut = prefixModel(prepared, prepared.stages[index]!.name).predict(image) as tf.Tensor;
      const top = suffixModel(prepared, stage.name).predict(cut) as tf.Tensor;
      expect(largestGap(top, whole)).toBe(0);
      tf.dispose([cut, top]);
    });
    whole.dispose();
  });

  it('asking again gives the same view, and costs no tensor', () => {
    const before = tf.memory().numTensors;
    const first = suffixModel(prepared, 'stage-2');
    for (let call = 0; call < 50; call += 1) expect(suffixModel(prepared, 'stage-2')).toBe(first);
    first.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(prepared.model.layers.every((layer) => layer.inboundNodes.length === 1)).toBe(true);
  });

  it('what changes in a suffix changes in the backbone', () => {
    const weight = suffixModel(prepared, 'stage-3').trainableWeights[0]!;
    const kept = captureWeights(prepared.model);
    tf.tidy(() => {
      weight.write(tf.ones(weight.shape as number[]));
    });
    expect(captureWeights(prepared.model)[weight.originalName]!.data.every((value) => value === 1)).toBe(true);
    restoreWeights(prepared.model, kept);
    expect(captureWeights(prepared.model)).toEqual(kept);
  });

  it('names an unknown stage', () => {
    expect(() => prefixModel(prepared, 'stage-9')).toThrow(expect.objectContaining({ code: 'STAGE_UNKNOWN' }));
  });

  it('frozen batch-norm moves neither statistics nor scale, bit for bit, through training steps', () => {
    const suffix = suffixModel(prepared, 'stage-2');
    const before = captureWeights(prepared.model);
    const cut = prefixModel(prepared, 'stage-1').predict(image) as tf.Tensor;
    const convolutions = suffix.trainableWeights.filter((weight) => weight.originalName.endsWith('kernel')).map((weight) => weight.read() as tf.Variable);
    const optimizer = tf.train.sgd(0.1);
    for (let step = 0; step < 3; step += 1) {
      optimizer.minimize(() => tf.mean(tf.square(suffix.apply(cut, { training: false }) as tf.Tensor)) as tf.Scalar, false, convolutions);
    }
    const after = captureWeights(prepared.model);
    const moved = Object.keys(after).filter((name) => after[name]!.data.some((value, index) => value !== before[name]!.data[index]));
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.every((name) => name.endsWith('kernel'))).toBe(true);
    restoreWeights(prepared.model, before);
    tf.dispose(cut);
    optimizer.dispose();
  });

  it('a classifier over joined stages computes what its parts do, survives saving, and owns its weights', async () => {
    const before = tf.memory().numTensors;
    const folder = await mkdtemp(join(tmpdir(), 'cultivar-'));
    const features = ['stage-3', 'stage-1'];
    const kernel = { data: Float32Array.from({ length: 60 * 3 }, (_, index) => Math.sin(index)), shape: [60, 3] };
    const bias = { data: Float32Array.of(0.1, -0.2, 0.3), shape: [3] };
    const classifier = assembleClassifier(prepared, { features, kernel, bias, labels: ['a', 'b', 'c'] });
    const expected = tf.tidy(() => {
      const pooled = features.map((stage) => tf.mean(prefixModel(prepared, stage).predict(image) as tf.Tensor, [1, 2]));
      return tf.softmax(tf.add(tf.matMul(tf.concat(pooled, 1) as tf.Tensor2D, tf.tensor2d(kernel.data, [60, 3])), bias.data));
    });
    const found = classifier.predict(image) as tf.Tensor;
    expect(largestGap(found, expected)).toBeLessThan(1e-6);

    const { sha256 } = await saveModel(classifier, folder);
    expect(await saveModel(classifier, folder)).toMatchObject({ sha256 });
    expect((await readdir(folder)).sort()).toEqual(['model.json', 'weights.bin']);
    classifier.dispose();
    const again = await loadModel(folder);
    const plain = again.predict(image) as tf.Tensor;
    expect(largestGap(plain, found)).toBe(0);
    expect(again.layers.at(-1)!.name).toBe('head');
    again.dispose();
    tf.dispose([expected, found, plain]);
    await rm(folder, { recursive: true });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('saving where nothing can be written says so', async () => {
    await expect(saveModel(prepared.model, join(fileURLToPath(import.meta.url), 'inside-a-file'))).rejects.toMatchObject({ code: 'OUTPUT_WRITE' });
  });
});
