import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import { draw, parseSearch } from './search-space.js';

describe('a search space', () => {
  it('is read from what people write', () => {
    expect(parseSearch(['learningRate=log:1e-5..1e-2', 'batchSize=8|16|32', 'optimizer=adam|momentum:momentum=0.8', 'optimizer.weightDecay=log:1.5e-6..0.01', 'epochs=2..8'])).toEqual({
      learningRate: { kind: 'log', low: 1e-5, high: 1e-2, whole: false },
      batchSize: { kind: 'choice', values: [8, 16, 32] },
      optimizer: { kind: 'choice', values: ['adam', 'momentum:momentum=0.8'] },
      'optimizer.weightDecay': { kind: 'log', low: 1.5e-6, high: 0.01, whole: false },
      epochs: { kind: 'uniform', low: 2, high: 8, whole: true },
    });
  });

  it.each(['learningRate', 'learningRate=', 'colour=1..2', 'learningRate=log:0..1', 'epochs=8..2', 'batchSize=8|', 'learningRate=fast|slow'])('refuses %s', (text) => {
    expect(() => parseSearch([text])).toThrow(expect.objectContaining({ code: 'SEARCH_INVALID' }));
  });

  it('refuses a setting that is searched twice', () => {
    expect(() => parseSearch(['batchSize=8|16', 'epochs=2..8', ' batchSize =32'])).toThrow(expect.objectContaining({ code: 'SEARCH_INVALID', message: expect.stringContaining('twice') }));
  });

  it('is drawn from within its ranges: powers by their logarithm, whole numbers whole, the same for the same seed', () => {
    const space = parseSearch(['learningRate=log:1e-5..1e-1', 'epochs=2..8', 'batchSize=8|16']);
    const points = Array.from({ length: 400 }, (_, index) => draw(space, createRandom(1).child(index), {}));
    const rates = points.map(({ learningRate }) => learningRate!);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-5);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1e-1);
    // Half of them below the geometric mean; 400 coins have a standard deviation of 10.
    expect(Math.abs(rates.filter((rate) => rate < 1e-3).length - 200)).toBeLessThan(40);
    expect(new Set(points.map(({ epochs }) => epochs))).toEqual(new Set([2, 3, 4, 5, 6, 7, 8]));
    expect(new Set(points.map(({ batchSize }) => batchSize))).toEqual(new Set([8, 16]));
    expect(draw(space, createRandom(1).child(0), {})).toEqual(points[0]);
  });

  it('sets options on the contribution that was drawn or given', () => {
    const space = parseSearch(['optimizer.weightDecay=0.5|0.5', 'optimizer=momentum|momentum']);
    expect(draw(space, createRandom(1), {})).toEqual({ optimizer: { name: 'momentum', weightDecay: 0.5 } });
    expect(draw(parseSearch(['optimizer.weightDecay=0.5|0.5']), createRandom(1), { optimizer: { name: 'adam', beta1: 0.8 } })).toEqual({ optimizer: { name: 'adam', beta1: 0.8, weightDecay: 0.5 } });
  });
});
