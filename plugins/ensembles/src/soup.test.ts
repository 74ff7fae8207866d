import { describe, expect, it, jest } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import type { EnsembleTask, TensorData } from '@cultivar/sdk';
import { instance } from '../../../test/conformance/instance.js';
import { Soup } from './soup.js';

const labels = Int32Array.from({ length: 10 }, (_, image) => image % 2);
const task: EnsembleTask = { classes: 2, trainLabels: labels, measuredLabels: labels, random: createRandom(0) };

/** Right on this many images. */
function right(count: number): TensorData {
  const data = new Float32Array(20);
  labels.forEach((label, row) => { data[2 * row + (row < count ? label : 1 - label)] = 1; });
  return { data, shape: [10, 2] };
}

describe('a greedy soup', () => {
  it('begins with the best and takes in what does no harm, in the order of how good each is alone', async () => {
    const members = [7, 9, 8, 6].map((count) => ({ measured: right(count) }));
    // With member 2 it is as good, with member 0 worse, with member 3 better.
    const soup = jest.fn(async (chosen: readonly number[]) => right(chosen.includes(0) ? 8 : chosen.includes(3) ? 10 : 9));
    expect(await instance(Soup).combine(members, task, soup)).toEqual({ rule: 'soup', members: [1, 2, 3] });
    expect(soup.mock.calls.map(([chosen]) => chosen)).toEqual([[1, 2], [1, 2, 0], [1, 2, 3]]);
  });

  it('is of models of different seeds that begin at one classifier', () => {
    const plans = [0, 1, 2].map((count) => instance(Soup).next(Array.from({ length: count }, () => ({ measured: right(9) })), task)!);
    expect(new Set(plans.map(({ seed }) => seed)).size).toBe(3);
    expect(new Set(plans.map(({ start }) => start)).size).toBe(1);
    expect(plans[0]!.start).toBeDefined();
  });

  it('is the best alone where no other goes with it', async () => {
    const members = [9, 8].map((count) => ({ measured: right(count) }));
    expect(await instance(Soup).combine(members, task, async () => right(5))).toEqual({ rule: 'soup', members: [0] });
  });
});
