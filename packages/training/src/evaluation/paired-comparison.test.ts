import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import type { TensorData } from '@cultivar/sdk';
import { softmax } from '../head.js';
import { compare, isBetter } from './paired-comparison.js';
import { atTemperature } from './temperature.js';

const classes = 3;
const rows = 200;

/** Logits that point at the label with some strength, and noise of their own. */
function model(labels: Int32Array, strength: number, seed: number): TensorData {
  const random = createRandom(seed);
  const data = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => data.set(softmax(Float64Array.from({ length: classes }, (_, k) => (k === label ? strength : 0) + random.normal())), row * classes));
  return { data, shape: [labels.length, classes] };
}
const labels = Int32Array.from({ length: rows }, (_, row) => row % classes);

describe('a paired comparison', () => {
  it('tells a better model from noise', () => {
    const { gain, standardError } = compare(model(labels, 3, 1), model(labels, 1.5, 2), labels);
    expect(gain).toBeGreaterThan(4 * standardError);
  });

  it('of equals is within two standard errors, nearly always', () => {
    const far = Array.from({ length: 40 }, (_, trial) => compare(model(labels, 2, 100 + trial), model(labels, 2, 200 + trial), labels))
      .filter(({ gain, standardError }) => Math.abs(gain) > 2 * standardError);
    expect(far.length).toBeLessThanOrEqual(5);
  });

  it('turns its sign with its sides, and is nothing of a model with itself', () => {
    const [one, other] = [model(labels, 3, 1), model(labels, 2, 2)];
    expect(compare(one, other, labels).gain).toBeCloseTo(-compare(other, one, labels).gain, 12);
    expect(compare(one, one, labels)).toEqual({ gain: 0, standardError: 0, right: { gain: 0, standardError: 0 } });
  });

  it('cares little how sure of itself a model is', () => {
    const one = model(labels, 2, 1);
    const other = model(labels, 2, 2);
    const plain = compare(one, other, labels);
    const sure = compare(atTemperature(one, 0.5), other, labels);
    expect(Math.abs(sure.gain - plain.gain)).toBeLessThan(0.2 * plain.standardError);
  });

  it('tells how many more answers are right, and how sure that is', () => {
    const sure = (rows: number[]) => ({ data: Float32Array.from(rows.flatMap((label) => [0, 1, 2].map((k) => (k === label ? 0.9 : 0.05)))), shape: [rows.length, 3] });
    const { right } = compare(sure([0, 1, 2, 0]), sure([0, 1, 0, 1]), Int32Array.of(0, 1, 2, 1));
    // One answer better and one worse of four.
    expect(right.gain).toBe(0);
    expect(right.standardError).toBeCloseTo(Math.sqrt(2 / 3 / 4), 12);
  });

  it.each<[boolean, string, number, number, number, number]>([
    [true, 'a lower loss and as many right', 0.05, 0.02, 0, 0.01], [true, 'a lower loss and an answer less, within chance', 0.05, 0.02, -0.003, 0.006],
    [false, 'a lower loss with far fewer right', 0.05, 0.02, -0.03, 0.01], [false, 'a loss that is lower by chance', 0.01, 0.02, 0.02, 0.01], [false, 'nothing', 0, 0, 0, 0],
  ])('is better: %p of %s', (expected, _, gain, standardError, right, error) => {
    expect(isBetter({ gain, standardError, right: { gain: right, standardError: error } })).toBe(expected);
  });

  it('of one image knows no error', () => {
    expect(compare(model(labels.slice(0, 1), 3, 1), model(labels.slice(0, 1), 1, 2), labels.slice(0, 1)).standardError).toBe(0);
  });
});
