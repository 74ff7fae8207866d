import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import { headProbabilities } from './head.js';

const random = createRandom(0);
const numbers = (rows: number, columns: number) => ({ data: Float32Array.from({ length: rows * columns }, () => random.normal()), shape: [rows, columns] });

describe('a head', () => {
  it.each([[1, 2], [4, 3], [7, 5], [30, 40]])('of %i features says softmax(x W + b) over %i classes', (width, classes) => {
    const features = numbers(3, width);
    features.data.fill(0, 0, width);
    const [kernel, bias] = [numbers(width, classes), numbers(1, classes)];
    const { data, shape } = headProbabilities({ features: ['top'], kernel, bias: { data: bias.data, shape: [classes] } }, features);
    expect(shape).toEqual([3, classes]);
    for (let row = 0; row < 3; row += 1) {
      const exponentials = Array.from(bias.data, (own, k) => Math.exp(own + kernel.data.reduce((sum, weight, at) => sum + (at % classes === k ? weight * features.data[row * width + Math.floor(at / classes)]! : 0), 0)));
      const total = exponentials.reduce((sum, value) => sum + value);
      exponentials.forEach((value, k) => expect(data[row * classes + k]).toBeCloseTo(value / total, 6));
    }
  });
});
