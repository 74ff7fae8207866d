import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoadedBackbone } from '@cultivar/sdk';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { assembleClassifier, averageClassifiers, joinClassifiers, prepareBackbone, type PreparedBackbone } from './index.js';
import { smallNetwork } from './small-network.test.data.js';

const labels = ['a', 'b', 'c'];
const input: LoadedBackbone['input'] = { size: 32, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], channels: 'rgb', resize: 'stretch' };

function prepared(): PreparedBackbone {
  return prepareBackbone({ model: smallNetwork(), input, licence: 'none', source: 'test', sha256: '' }, 'small');
}

/** A classifier with a drawn head. */
function classifier(backbone: PreparedBackbone, seed: number): LayersModel {
  const top = backbone.stages.at(-1)!;
  const width = top.outputShape.at(-1)!;
  const kernel = tf.tidy(() => tf.randomNormal([width, 3], 0, 1, 'float32', seed).dataSync() as Float32Array);
  return assembleClassifier(backbone, { features: [top.name], kernel: { data: kernel, shape: [width, 3] }, bias: { data: Float32Array.of(0.1, 0, -0.1), shape: [3] }, labels });
}

const predict = (model: LayersModel, images: tf.Tensor): number[][] => tf.tidy(() => (model.predict(images) as tf.Tensor2D).arraySync());
const largestGap = (a: number[][], b: number[][]): number => Math.max(...a.flatMap((row, i) => row.map((value, k) => Math.abs(value - b[i]![k]!))));

describe('several classifiers in one', () => {
  let before = 0;
  let backbone: PreparedBackbone;
  let images: tf.Tensor;
  let members: LayersModel[];
  beforeAll(async () => {
    await tf.setBackend('cpu');
    before = tf.memory().numTensors;
    backbone = prepared();
    images = tf.randomUniform([6, 32, 32, 3], -1, 1, 'float32', 3);
    members = [1, 2, 3].map((seed) => classifier(backbone, seed));
  });
  afterAll(() => {
    images.dispose();
    for (const model of [...members, backbone.model]) model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('average their probabilities by their shares', () => {
    const shares = [0.5, 0.3, 0.2];
    const joined = joinClassifiers(members, { shares, rule: 'average', labels });
    const each = members.map((member) => predict(member, images));
    const expected = each[0]!.map((row, i) => row.map((_, k) => shares.reduce((sum, share, m) => sum + share * each[m]![i]![k]!, 0)));
    expect(largestGap(predict(joined, images), expected)).toBeLessThan(1e-6);
    expect(joined.getUserDefinedMetadata()).toEqual({ labels });
    joined.dispose();
  });

  it('vote: the shares of those that name a class', () => {
    const shares = [0.5, 0.3, 0.2];
    const joined = joinClassifiers(members, { shares, rule: 'vote', labels });
    const each = members.map((member) => predict(member, images));
    const expected = each[0]!.map((_, i) => labels.map((__, k) => shares.reduce((sum, share, m) => {
      const row = each[m]![i]!;
      return sum + (row.indexOf(Math.max(...row)) === k ? share : 0);
    }, 0)));
    expect(largestGap(predict(joined, images), expected)).toBeLessThan(1e-3);
    joined.dispose();
  });

  it('hold the backbone that they share once, and one of other weights beside it', () => {
    const other = prepared();
    tf.tidy(() => other.model.setWeights(other.model.getWeights().map((weight) => tf.mul(weight, 1.1))));
    const stranger = classifier(other, 4);
    const own = members[0]!.layers.length;
    const heads = joinClassifiers(members, { shares: [1 / 3, 1 / 3, 1 / 3], rule: 'average', labels });
    // Two further heads, the joining and the combination.
    expect(heads.layers).toHaveLength(own + 4);
    const both = joinClassifiers([members[0]!, stranger], { shares: [0.5, 0.5], rule: 'average', labels });
    expect(both.layers.length).toBeGreaterThan(1.8 * own);
    const expected = [members[0]!, stranger].map((model) => predict(model, images));
    expect(largestGap(predict(both, images), expected[0]!.map((row, i) => row.map((value, k) => (value + expected[1]![i]![k]!) / 2)))).toBeLessThan(1e-6);
    for (const model of [heads, both, stranger, other.model]) model.dispose();
  });

  it('become one whose weights are the mean of theirs', () => {
    const soup = averageClassifiers(members);
    const heads = [soup, ...members].map((model) => model.layers.at(-1)!.getWeights()[0]!.dataSync());
    heads[0]!.forEach((value, index) => expect(value).toBeCloseTo((heads[1]![index]! + heads[2]![index]! + heads[3]![index]!) / 3, 5));
    expect(() => averageClassifiers([members[0]!, backbone.model])).toThrow('have different layers');
    soup.dispose();
  });
});
