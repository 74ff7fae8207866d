import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import type { Objective, Solver } from '@cultivar/sdk';
import '../../../../test/conformance/backend.js';
import { classSample } from './class-sample.js';
import { solveHead } from './solve-head.js';

const labelsOf = (classes: number, each: number): Int32Array => Int32Array.from({ length: classes * each }, (_, row) => row % classes);

describe('classes that stand for all', () => {
  it.each([[2, 10_000, 2000], [50, 40, 1280], [100, 12, 736], [1000, 3, 30]])('are not needed for %i classes of %i images on %i features', (classes, each, width) => {
    expect(classSample(labelsOf(classes, each), classes, width, createRandom(0))).toBeUndefined();
  });

  it.each([[1000, 20, 736], [300, 3, 736], [200, 160, 512], [5000, 100, 1280], [100, 25, 2000]])('of %i with %i images on %i features are few, whole, and the same for the same seed', (classes, each, width) => {
    const labels = labelsOf(classes, each);
    const sample = classSample(labels, classes, width, createRandom(7))!;
    expect(sample.classes).toBeGreaterThanOrEqual(30);
    expect(sample.classes).toBeLessThan(classes / 1.4);
    expect(sample.rows).toHaveLength(sample.classes * each);
    // One class of the sample is one of all, in their order.
    const known = new Map<number, number>();
    sample.rows.forEach((row, index) => {
      if (!known.has(sample.labels[index]!)) known.set(sample.labels[index]!, labels[row]!);
      expect(known.get(sample.labels[index]!)).toBe(labels[row]);
    });
    const own = [...known].sort(([a], [b]) => a - b);
    expect(own.map(([label]) => label)).toEqual(Array.from({ length: sample.classes }, (_, label) => label));
    expect(own.map(([, label]) => label)).toEqual(own.map(([, label]) => label).sort((a, b) => a - b));
    expect(classSample(labels, classes, width, createRandom(7))).toEqual(sample);
    expect(classSample(labels, classes, width, createRandom(8))!.rows).not.toEqual(sample.rows);
  });

  it('have two images at least, as far as there are enough such classes', () => {
    const labels = Int32Array.from([...labelsOf(400, 3), ...Array.from({ length: 100 }, (_, index) => 400 + index)]);
    const sample = classSample(labels, 500, 736, createRandom(0))!;
    for (const row of sample.rows) expect(labels[row]).toBeLessThan(400);
    const alone = classSample(labelsOf(2000, 1), 2000, 736, createRandom(0))!;
    expect(alone.rows).toHaveLength(alone.classes);
  });

  it('are searched, all sets on the same; the classifier is solved on all classes, and its steps are told', async () => {
    const [classes, each, width] = [300, 3, 400];
    const labels = labelsOf(classes, each);
    const next = createRandom(1);
    const table = (columns: number) => ({ data: Float32Array.from({ length: labels.length * columns }, () => next.uniform()), shape: [labels.length, columns] });
    const tables = [table(width), table(100)];
    const asked: number[] = [];
    const solver: Solver = {
      async minimize(objective: Objective, start: Float64Array) {
        asked.push(start.length);
        const { value } = await objective.evaluate(start);
        return { parameters: start, value, iterations: 1, evaluations: 1, converged: true };
      },
    };
    let steps = 0;
    const { head, scores } = await solveHead(tables.map((one, index) => ({ features: [`stage-${index}`], table: () => one })), { labels, classes, solver, random: createRandom(3), solving: () => (steps += 1) });
    const among = scores[0]!.among!;
    expect(among.of).toBe(classes);
    for (const score of scores) expect(score.among).toEqual(among);
    expect(new Set(asked.slice(0, -1))).toEqual(new Set([(width + 1) * among.classes, 101 * among.classes]));
    expect(asked.at(-1)).toBe((width + 1) * classes);
    expect(head.kernel.shape).toEqual([width, classes]);
    expect(steps).toBe(1);
  });
});
