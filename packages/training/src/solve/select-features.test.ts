import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import { LBFGS } from '@cultivar/solvers';
import type { TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import '../../../../test/conformance/backend.js';
import { distance, instance } from '../../../../test/conformance/instance.js';
import { headProbabilities, withoutUnread } from '../head.js';
import { selectFeatures } from './select-features.js';
import { solveHead } from './solve-head.js';

const solver = instance(LBFGS);
const classes = 3;
const selection = { penalty: 0.05, fractions: [0.06, 0.3, 1] };

/** The first features tell the classes apart by so much, the others say nothing. */
function drawn(perClass: number, telling: number, width: number, distanceApart: number): { table: TensorData; labels: Int32Array } {
  const random = createRandom(5);
  const labels = Int32Array.from({ length: classes * perClass }, (_, row) => row % classes);
  const data = Float32Array.from({ length: labels.length * width }, (_, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    return random.normal() + (column < telling && column % classes === labels[row] ? distanceApart : 0);
  });
  return { table: { data, shape: [labels.length, width] }, labels };
}

describe('selected features', () => {
  it('are those that tell the classes apart; fewer predict better than all', async () => {
    const before = tf.memory().numTensors;
    const { table, labels } = drawn(20, 6, 100, 2);
    const kept = await selectFeatures(table, labels, classes, selection, { solver, random: createRandom(0) });
    expect(tf.memory().numTensors).toBe(before);
    expect(kept.map(({ columns }) => columns.length)).toEqual([6, 30, 100]);
    expect([...kept[0]!.columns].filter((column) => column < 6).length).toBeGreaterThanOrEqual(5);
    for (const { columns } of kept) expect([...columns]).toEqual([...columns].sort((a, b) => a - b));
    const losses = kept.map(({ choice }) => Math.min(...choice.scores.map(({ loss }) => loss)));
    expect(losses[0]).toBeLessThan(losses[2]!);
  });

  it('are scored without a look at the fold held out: where there is nothing to find, nothing is found', async () => {
    const { table, labels } = drawn(20, 0, 200, 0);
    const kept = await selectFeatures(table, labels, classes, selection, { solver, random: createRandom(0) });
    // A third is chance, and three standard errors are 0.18. Were all rows to have a say in the selection, 0.63 would come out right.
    for (const { choice } of kept) for (const { accuracy } of choice.scores) expect(accuracy).toBeLessThan(0.33 + 0.18);
  });

  it('are all of them where a class has one image', async () => {
    const { table } = drawn(2, 0, 10, 0);
    const [all, ...others] = await selectFeatures(table, Int32Array.from([0, 0, 0, 1, 1, 2]), classes, selection, { solver, random: createRandom(0) });
    expect([all!.columns.length, all!.choice.folds, others.length]).toEqual([10, 0, 0]);
  });
});

describe('a head solved on selected features', () => {
  const { table, labels } = drawn(20, 6, 100, 2);
  const options = { labels, classes, solver, random: createRandom(0) };
  const stages = [{ features: ['low', 'middle', 'top'], table: () => table }];
  const width = (stage: string): number => ({ low: 20, middle: 50, top: 30 })[stage]!;

  it('has weights for those alone; all that are kept leave it as it would be', async () => {
    const { head, kept, scores } = await solveHead([], { ...options, select: { ...selection, from: stages[0]! } });
    expect(kept).toEqual({ count: 6, of: 100 });
    expect(scores.map((score) => score.kept?.count)).toEqual([6, 30, 100]);
    expect(head.kernel.shape).toEqual([100, 3]);
    const read = [...Array(100).keys()].filter((row) => head.kernel.data.subarray(3 * row, 3 * row + 3).some((weight) => weight !== 0));
    expect(read).toHaveLength(6);
    const right = (own: typeof head) => [...labels].filter((label, row) => headProbabilities(own, table).data[3 * row + label]! > 0.5).length;
    expect(right(head)).toBeGreaterThan(50);
    const [everything, plain] = [await solveHead([], { ...options, select: { penalty: 0.05, fractions: [1], from: stages[0]! } }), await solveHead(stages, options)];
    expect(everything.choice).toEqual(plain.choice);
    expect(distance(everything.head.kernel.data, plain.head.kernel.data)).toBeLessThan(1e-6);
  });

  it('is that of a whole set of stages where that predicts better, or as well', async () => {
    const telling = { features: ['top'], table: () => ({ data: Float32Array.from({ length: 6 * labels.length }, (_, at) => table.data[100 * Math.floor(at / 6) + (at % 6)]!), shape: [labels.length, 6] }) };
    const { head, kept, scores } = await solveHead([telling], { ...options, select: { penalty: 0.05, fractions: [0.3, 1], from: stages[0]! } });
    expect(scores.map((score) => [score.features.length, score.kept?.count])).toEqual([[1, undefined], [3, 30], [3, 100]]);
    expect([head.features, kept]).toEqual([['top'], undefined]);
  });

  it('says the same without the stages that it does not read', async () => {
    const { head } = await solveHead([], { ...options, select: { ...selection, from: stages[0]! } });
    const read = [0, 1, 2].filter((index) => head.kernel.data.subarray(3 * [0, 20, 70][index]!, 3 * [20, 70, 100][index]!).some((weight) => weight !== 0));
    const narrow = withoutUnread(head, width);
    expect(narrow.features).toEqual(read.map((index) => stages[0]!.features[index]));
    expect(narrow.features.length).toBeLessThan(3);
    const columns = [...Array(100).keys()].filter((column) => read.includes(column < 20 ? 0 : column < 70 ? 1 : 2));
    const own: TensorData = { data: Float32Array.from([...labels.keys()].flatMap((row) => columns.map((column) => table.data[100 * row + column]!))), shape: [labels.length, columns.length] };
    expect(distance(headProbabilities(narrow, own).data, headProbabilities(head, table).data)).toBeLessThan(1e-6);
  });

  it('keeps a stage where nothing is read', () => {
    const none = { features: ['low', 'top'], kernel: { data: new Float32Array(150), shape: [50, 3] }, bias: { data: Float32Array.from([1, 2, 3]), shape: [3] } };
    expect(withoutUnread(none, width)).toEqual({ features: ['top'], kernel: { data: new Float32Array(90), shape: [30, 3] }, bias: none.bias });
  });
});
