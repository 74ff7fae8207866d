import { describe, expect, it } from '@jest/globals';
import { drawCurves } from '../optimizers/draw-curves.js';
import { drawPaths } from '../optimizers/draw-paths.js';
import { drawRates } from '../rates/draw-rates.js';
import { drawStrategies } from '../strategies/draw-strategies.js';
import { drawTrials } from '../tune/draw-trials.js';
import { drawLearningCurve } from '../validation/draw-learning-curve.js';
import { drawSharpness } from '../validation/draw-sharpness.js';

const bad = [Number.NaN, Infinity, -Infinity, Number.MAX_VALUE, -Number.MAX_VALUE];
/** What a picture must not hold: numbers that are none. */
const nonsense = /NaN|Infinity|undefined|e\+30\d/;

describe.each(bad.map((value) => [value]))('a picture of a study with %s among its figures', (value) => {
  const interval = { low: value, high: value };
  const epoch = (validationLoss: number) => ({ phase: 'train', epoch: 1, loss: value, validationLoss, validationAccuracy: 0.5, learningRate: 0.1, seconds: 1 });
  const step = (number: number, loss: number) => ({ step: number, learningRate: 10 ** -number, loss, smoothed: loss });
  const pictures: Record<string, () => string | Record<string, string>> = {
    rates: () => drawRates({
      suggestion: 0.1, reason: '', lowest: 0.1, range: [step(3, value), step(2, 1), step(1, value)],
      sweep: [{ rate: 0.1, loss: value, validationLoss: value, validationAccuracy: null }, { rate: 1, loss: 1, validationLoss: 2, validationAccuracy: 0.5 }],
    }),
    'rates that all diverged': () => drawRates({ suggestion: 0.1, reason: '', lowest: 0.1, range: [], sweep: [{ rate: 0.1, loss: null, validationLoss: null, validationAccuracy: null }, { rate: 1, loss: null, validationLoss: null, validationAccuracy: null }] }),
    strategies: () => drawStrategies([
      { strategy: 'a', images: 3, accuracy: 0.5, loss: value, intervals: { accuracy: { low: 0, high: 1 }, loss: interval }, featureSeconds: 1, seconds: 1, undone: false },
      { strategy: 'b', images: 3, accuracy: 0.5, loss: 1, intervals: { accuracy: { low: 0, high: 1 }, loss: interval }, featureSeconds: 1, seconds: 1, undone: false },
    ]),
    trials: () => drawTrials([value, 1].map((loss, index) => ({ id: String(index), purpose: 'rate', settings: { learningRate: 0.1 }, outcome: { loss, accuracy: 0, trainLoss: value, seconds: 1 } }))),
    'learning curve': () => drawLearningCurve([5, 10].map((perClass, index) => ({ perClass, images: 10, accuracy: index ? value : 0.5, low: index ? value : 0.1, high: index ? value : 0.9, loss: value, trainLoss: value }))),
    sharpness: () => drawSharpness([{ batchSize: 8, epochs: 1, trainLoss: value, trainAccuracy: value, testAccuracy: value, sharpness: value, profile: [{ distance: 0, loss: 1 }, { distance: 1, loss: value }] } as never]),
    paths: () => drawPaths([{ surface: 'ravine', optimizer: 'sgd', rate: 0.1, rateFrom: 'search', points: [[0, 0], [value, value]], value }, { surface: 'saddle', optimizer: 'sgd', rate: 0.1, rateFrom: 'search', points: [[0, 0], [value, 1]], value }]),
    curves: () => drawCurves([{ optimizer: 'sgd', rate: 0.1, tried: [], steps: [step(1, 1), step(2, value)], epochs: [epoch(value), epoch(1)] }]),
  };

  it.each(Object.keys(pictures))('%s: holds none of it', (name) => {
    const drawn = pictures[name]!();
    for (const [file, text] of Object.entries(typeof drawn === 'string' ? { [name]: drawn } : drawn)) {
      expect([file, nonsense.exec(text)?.[0]]).toEqual([file, undefined]);
    }
  });
});
