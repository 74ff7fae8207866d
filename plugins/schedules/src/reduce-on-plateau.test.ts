import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import type { EpochRecord } from '@cultivar/sdk';
import { followsItsScheduler } from '../../../test/conformance/course.js';
import { instance } from '../../../test/conformance/instance.js';
import { ReduceOnPlateau } from './reduce-on-plateau.js';

/** The training loss falls, whatever the validation loss does. */
const records = (losses: number[]): EpochRecord[] => losses.map((validationLoss, index) =>
  ({ phase: 'train', epoch: index + 1, loss: 1 / (index + 1), validationLoss, validationAccuracy: 0.5, learningRate: 0.1, seconds: 1 }));

const at = (losses: number[], options: object = {}) => instance(ReduceOnPlateau, { factor: 0.5, patience: 1, ...options }).at(0, { step: 1, epoch: 1, history: records(losses) });

describe('reduce-on-plateau', () => {
  // Where the rate has become small all steps are alike and round the same way: 2.4e-5; at worst 1,000 times half a unit in the last
  // place of weights between 4 and 8, 2.4e-4 in all.
  followsItsScheduler('reduce-on-plateau', (options) => instance(ReduceOnPlateau, options), 3e-5);

  it('drops once more for each stretch without improvement, never below the floor; a loss that is no number is none', () => {
    expect(at([])).toBe(1);
    expect(at([1, 0.9, 0.9])).toBe(1);
    expect(at([1, 0.9, 0.9, 0.9])).toBe(0.5);
    expect(at([1, 0.9, NaN, NaN, 0.8, 0.8, 0.8])).toBe(0.25);
    expect(at([1, 1, 1, 1, 1, 1, 1], { floor: 0.3 })).toBe(0.3);
    expect(at([1, 1, 1, 1, 1], { cooldown: 5 })).toBe(0.5);
    expect(at([1, 1, 1, 1, 1], { watch: 'loss' })).toBe(1);
  });
});
