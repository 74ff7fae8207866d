import { beforeAll, describe, expect, it } from '@jest/globals';
import { decodeImage } from '@cultivar/data';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ModelFiles, readLocalFiles } from '../read/model-files.js';
import { NetworkReader } from '../read/network-reader.js';
import { convertGraph } from './convert.js';
import { GraphDrawing, numbers, text, texts, window } from './graph.test.data.js';

const shared = process.env['CULTIVAR_SHARED'] ?? fileURLToPath(new URL('../../../../../shared', import.meta.url));
const photos = join(shared, 'datasets', 'hymenoptera', 'val', 'ants');
const real = existsSync(photos) && existsSync(join(shared, 'models')) ? it : it.skip;
const needs = real === it ? '' : ' (skipped: no weights or photos in CULTIVAR_SHARED)';

beforeAll(() => tf.setBackend('cpu'));

/** Largest difference between the graph, run by tfjs-converter, and the layers made from it. */
async function gap(files: ModelFiles, pixels: tf.Tensor): Promise<number> {
  const { modelTopology, weightSpecs, weightData } = files;
  const graph = await loadGraphModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData, format: 'graph-model' }));
  const { model, normalisation } = convertGraph(files);
  const difference = tf.tidy(() => {
    const input = normalisation ? tf.div(tf.sub(pixels, normalisation.mean), normalisation.std) : pixels;
    const expected = graph.predict(pixels) as tf.Tensor;
    const found = model.predict(input) as tf.Tensor;
    expect(found.shape).toEqual(expected.shape);
    expect(Math.max(...expected.dataSync()) - Math.min(...expected.dataSync())).toBeGreaterThan(0.01);
    return tf.max(tf.abs(tf.sub(found, expected))).dataSync()[0]!;
  });
  graph.dispose();
  model.dispose();
  return difference;
}

const drawings: Record<string, (g: GraphDrawing) => void> = {
  'Conv2D, SAME, stride 2, BiasAdd, Relu6': (g) => {
    const y = g.node('Conv2D', 'net/c', ['image', g.weight('net/w', [3, 3, 3, 5])], window(2, 'SAME'));
    g.node('Relu6', 'net/r', [g.node('BiasAdd', 'net/b', [y, g.weight('net/o', [5])])]);
  },
  'Conv2D with explicit padding and dilation': (g) => {
    const y = g.node('Conv2D', 'net/c', ['image', g.weight('net/w', [3, 3, 3, 4])], { ...window(1, 'EXPLICIT'), explicit_paddings: numbers(0, 0, 1, 2, 0, 1, 0, 0) });
    g.node('Conv2D', 'net/d', [y, g.weight('net/v', [3, 3, 4, 2])], { ...window(1, 'VALID'), dilations: numbers(1, 2, 2, 1) });
  },
  'a batch-norm taken apart folds into the convolution': (g) => {
    const y = g.node('DepthwiseConv2dNative', 'net/c', ['image', g.weight('net/w', [3, 3, 3, 2])], window(1, 'SAME'));
    const z = g.node('Mul', 'net/m', [y, g.weight('net/s', [6], (index) => index + 0.5)]);
    g.node('Sub', 'net/a', [g.node('Add', 'net/p', [g.weight('net/o', [6]), z]), g.scalar('net/q', 0.25)]);
  },
  'what is read twice does not fold': (g) => {
    const y = g.node('Conv2D', 'net/c', ['image', g.weight('net/w', [1, 1, 3, 4])], window(1, 'SAME'));
    const z = g.node('Mul', 'net/m', [y, g.weight('net/s', [4])]);
    g.node('AddV2', 'net/a', [y, z]);
  },
  'FusedBatchNormV3': (g) => {
    const y = g.node('Conv2D', 'net/c', ['image', g.weight('net/w', [1, 1, 3, 4])], window(1, 'SAME'));
    g.node('FusedBatchNormV3', 'net/n', [y, g.weight('net/g', [4]), g.weight('net/b', [4]), g.weight('net/mean', [4]), g.weight('net/v', [4], (index) => index + 0.1)],
      { epsilon: { f: 0.01 }, is_training: { b: false }, data_format: text('NHWC') });
  },
  '_FusedConv2D and FusedDepthwiseConv2dNative with their activations': (g) => {
    const y = g.node('_FusedConv2D', 'net/c', ['image', g.weight('net/w', [3, 3, 3, 4]), g.weight('net/b', [4])], { ...window(2, 'SAME'), fused_ops: texts('BiasAdd', 'Relu'), num_args: { i: '1' } });
    g.node('FusedDepthwiseConv2dNative', 'net/d', [y, g.weight('net/v', [3, 3, 4, 1]), g.weight('net/e', [4])], { ...window(1, 'SAME'), fused_ops: texts('BiasAdd', 'Relu6'), num_args: { i: '1' } });
  },
  'padding, pools, residual, concatenation': (g) => {
    const y = g.node('Pad', 'net/pad', ['image', g.paddings('net/paddings', 0, 0, 0, 1, 1, 2, 0, 0)]);
    const a = g.node('MaxPool', 'net/max', [y], { ...window(2, 'SAME'), ksize: numbers(1, 3, 3, 1) });
    const b = g.node('AvgPool', 'net/avg', [y], { ...window(2, 'SAME'), ksize: numbers(1, 3, 3, 1) });
    g.node('ConcatV2', 'net/join', [g.node('AddV2', 'net/sum', [a, b]), a, g.integers('net/axis', 3)]);
  },
  'squeeze and excite, swish by hand': (g) => {
    const y = g.node('Conv2D', 'net/c', ['image', g.weight('net/w', [3, 3, 3, 4])], window(2, 'SAME'));
    const squeezed = g.node('Mean', 'net/mean', [y, g.integers('net/axes', 1, 2)], { keep_dims: { b: true } });
    const gate = g.node('Sigmoid', 'net/gate', [g.node('BiasAdd', 'net/b', [g.node('Conv2D', 'net/e', [squeezed, g.weight('net/v', [1, 1, 4, 4])], window(1, 'SAME')), g.weight('net/o', [4])])]);
    const z = g.node('Mul', 'net/excited', [y, gate]);
    const hard = g.node('Relu6', 'net/six', [g.node('AddV2', 'net/three', [z, g.scalar('net/k3', 3)])]);
    g.node('Mul', 'net/sixth', [g.node('Mul', 'net/swish', [z, hard]), g.scalar('net/k6', 1 / 6)]);
  },
  'classifier: Mean, MatMul, Softmax': (g) => {
    const y = g.node('Mean', 'net/mean', ['image', g.integers('net/axes', 1, 2)], { keep_dims: { b: false } });
    const z = g.node('MatMul', 'net/product', [y, g.weight('net/w', [6, 3], (index) => Math.cos(index) * 9)], { transpose_b: { b: true }, transpose_a: { b: false } });
    g.node('Softmax', 'net/probabilities', [g.node('BiasAdd', 'net/b', [z, g.weight('net/o', [6])])]);
  },
  'Reshape to a vector, _FusedMatMul': (g) => {
    const y = g.node('Reshape', 'net/flat', ['image', g.integers('net/shape', -1, 7 * 9 * 3)]);
    g.node('_FusedMatMul', 'net/product', [y, g.weight('net/w', [189, 4]), g.weight('net/b', [4])], { transpose_a: { b: false }, transpose_b: { b: false }, fused_ops: texts('BiasAdd', 'Elu'), num_args: { i: '1' } });
  },
  'convolution as classifier: pool, Conv2D, Squeeze': (g) => {
    const y = g.node('Mean', 'net/mean', ['image', g.integers('net/axes', 1, 2)], { keep_dims: { b: true } });
    g.node('Squeeze', 'net/squeezed', [g.node('Conv2D', 'net/c', [y, g.weight('net/w', [1, 1, 3, 5])], window(1, 'SAME'))], { squeeze_dims: numbers(1, 2) });
  },
  'scaling at the start, an offset of each channel': (g) => {
    const y = g.node('Sub', 'net/sub', [g.node('Mul', 'net/mul', ['image', g.scalar('net/two', 2)]), g.weight('net/mean', [1, 1, 1, 3])]);
    const z = g.node('RealDiv', 'net/div', [y, g.weight('net/std', [3], (index) => index + 0.2)]);
    g.node('Conv2D', 'net/c', [z, g.weight('net/w', [1, 1, 3, 4])], window(1, 'SAME'));
  },
};

describe('a graph becomes layers that compute the same', () => {
  it.each(Object.keys(drawings))('%s', async (name) => {
    const before = tf.memory().numTensors;
    const drawing = new GraphDrawing([-1, 7, 9, 3]);
    drawings[name]!(drawing);
    const pixels = tf.randomUniform([2, 7, 9, 3], 0, 1, 'float32', 11);
    expect(await gap(drawing.files(), pixels)).toBeLessThan(1e-5);
    pixels.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('factors fold: one layer, with a bias', () => {
    const drawing = new GraphDrawing([-1, 7, 9, 3]);
    drawings['a batch-norm taken apart folds into the convolution']!(drawing);
    const { model } = convertGraph(drawing.files());
    expect(model.layers.map((layer) => layer.getClassName())).toEqual(['InputLayer', 'DepthwiseConv2D']);
    expect(model.trainableWeights).toHaveLength(2);
    model.dispose();
  });

  it.each([[2, -1, 0.5, 0.5], [2 / 255, -1, 0.5, 0.5], [1 / 127.5, -1, 0.5, 0.5], [1 / 255, 0, 0, 1], [4, -2, 0.5, 0.25]])('pixels * %d + %d: mean %d, std %d', (factor, offset, mean, std) => {
    const g = new GraphDrawing([-1, 7, 9, 3]);
    const y = g.node('AddV2', 'net/add', [g.node('Mul', 'net/mul', ['image', g.scalar('net/factor', factor)]), g.scalar('net/offset', offset)]);
    g.node('Conv2D', 'net/c', [y, g.weight('net/w', [1, 1, 3, 4])], window(1, 'SAME'));
    const { model, normalisation } = convertGraph(g.files());
    for (let channel = 0; channel < 3; channel += 1) {
      expect(normalisation!.mean[channel]).toBeCloseTo(mean, 6);
      expect(normalisation!.std[channel]).toBeCloseTo(std, 6);
    }
    model.dispose();
  });
});

describe('what cannot be turned', () => {
  it('an unknown operator is named, with its node, and nothing is left behind', () => {
    const before = tf.memory().numTensors;
    const g = new GraphDrawing([-1, 7, 9, 3]);
    const y = g.node('Conv2D', 'net/c', ['image', g.weight('net/w', [1, 1, 3, 4])], window(1, 'SAME'));
    g.node('Erf', 'net/odd', [g.node('Relu', 'net/r', [y])]);
    expect(() => convertGraph(g.files())).toThrow(expect.objectContaining({ code: 'GRAPH_UNSUPPORTED', message: expect.stringMatching(/Erf at node net\/odd/) }));
    expect(tf.memory().numTensors).toBe(before);
    const { model } = convertGraph(g.files(), { output: 'net/r' });
    expect(model.outputs[0]!.shape).toEqual([null, 7, 9, 4]);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('channels first, and an output that is not there', () => {
    const g = new GraphDrawing([-1, 7, 9, 3]);
    g.node('Conv2D', 'net/c', ['image', g.weight('net/w', [1, 1, 3, 4])], { ...window(1, 'SAME'), data_format: text('NCHW') });
    expect(() => convertGraph(g.files())).toThrow(expect.objectContaining({ code: 'GRAPH_UNSUPPORTED', message: expect.stringMatching(/channels first/) }));
    expect(() => convertGraph(g.files(), { output: 'nowhere' })).toThrow(expect.objectContaining({ code: 'BACKBONE_FORMAT' }));
  });

  it('a circle', () => {
    const g = new GraphDrawing([-1, 7, 9, 3]);
    g.node('Relu', 'a', ['b']);
    g.node('Relu', 'b', ['a']);
    expect(() => convertGraph(g.files())).toThrow(expect.objectContaining({ code: 'BACKBONE_FORMAT' }));
  });
});

describe('on real photos', () => {
  beforeAll(() => tf.setBackend('wasm'));

  real.each([['mobilenet-v1-0.25-224-graph', 224, 56], ['mobilenet-v2-0.50-96-graph', 96, 104]])(`%s and its layers agree within 1e-4${needs}`, async (name, size, weights) => {
    const folder = join(shared, 'models', name);
    const preprocessing = { size, resize: 'stretch' as const, mean: [0, 0, 0] as [number, number, number], std: [1, 1, 1] as [number, number, number], channels: 'rgb' as const };
    const files = readdirSync(photos).sort().slice(0, 2);
    const canvases = await Promise.all(files.map((file) => decodeImage(join(photos, file), preprocessing)));
    const pixels = tf.tidy(() => tf.div(tf.stack(canvases.map((canvas) => tf.tensor3d(Float32Array.from(canvas), [size, size, 3]))), 255));
    expect(await gap(await readLocalFiles(folder), pixels)).toBeLessThan(1e-4);
    pixels.dispose();

    const before = tf.memory().numTensors;
    const through = await new NetworkReader().mobilenet({ version: 1, alpha: 0.25, location: folder });
    expect(through.normalisation).toEqual({ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], channels: 'rgb' });
    expect(through.model.trainableWeights).toHaveLength(weights);
    through.model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
