import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import type { TensorData } from '@cultivar/sdk';
import { softmax } from '../head.js';
import { logLoss } from './log-loss.js';
import { atTemperature, fitTemperature, logLosses } from './temperature.js';

/** Labels drawn from the very probabilities that a model gives: it is as sure as it should be. */
function honest(rows: number, classes = 4) {
  const random = createRandom(5);
  const data = new Float32Array(rows * classes);
  const labels = new Int32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const own = softmax(Float64Array.from({ length: classes }, () => 2 * random.normal()));
    data.set(own, row * classes);
    let rest = random.uniform();
    labels[row] = Math.max(0, own.findIndex((share) => (rest -= share) < 0));
  }
  return { probabilities: { data, shape: [rows, classes] } as TensorData, labels };
}

describe('temperature', () => {
  it.each([0.5, 1, 2.5])('that a model was sharpened by (%d) is found', (sharpened) => {
    const { probabilities, labels } = honest(4000);
    const found = fitTemperature(atTemperature(probabilities, 1 / sharpened), labels);
    expect(Math.abs(found / sharpened - 1)).toBeLessThan(0.06);
  });

  it('lowers the log-loss and leaves the answers alone', () => {
    const { probabilities, labels } = honest(300);
    const sure = atTemperature(probabilities, 0.3);
    const mild = atTemperature(sure, fitTemperature(sure, labels));
    expect(logLoss(mild, labels)).toBeLessThan(logLoss(sure, labels));
    for (let row = 0; row < 300; row += 1) {
      const [one, other] = [sure, mild].map(({ data }) => { const own = [...data.subarray(row * 4, row * 4 + 4)]; return own.indexOf(Math.max(...own)); });
      expect(one).toBe(other);
      expect(mild.data.subarray(row * 4, row * 4 + 4).reduce((sum, value) => sum + value)).toBeCloseTo(1, 5);
    }
  });

  it('stays near 1 where a few labels, all right, say little', () => {
    const data = Float32Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? 0.9 : 0.1));
    const found = fitTemperature({ data, shape: [5, 2] }, new Int32Array(5));
    expect(found).toBeGreaterThan(0.5);
    expect(found).toBeLessThan(1);
  });

  it('of 1 is the log-loss itself', () => {
    const { probabilities, labels } = honest(50);
    expect(logLosses(probabilities, labels).reduce((sum, loss) => sum + loss) / 50).toBeCloseTo(logLoss(probabilities, labels), 5);
  });
});
