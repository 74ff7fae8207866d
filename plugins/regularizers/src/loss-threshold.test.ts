import { describe, expect, it } from '@jest/globals';
import type { EpochRecord } from '@cultivar/sdk';
import { instance } from '../../../test/conformance/instance.js';
import { LossThreshold } from './loss-threshold.js';

const history = (losses: number[]): EpochRecord[] => losses.map((loss, index) =>
  ({ phase: 'train', epoch: index + 1, loss, validationLoss: 2 * loss, validationAccuracy: 0.5, learningRate: 0.1, seconds: 1 }));

describe('loss-threshold', () => {
  it('stops at the first loss that is no higher, and says which', () => {
    const regularizer = instance(LossThreshold, { threshold: 0.2 });
    expect([[0.3], [0.3, NaN], [0.3, 0.2], [0.1]].map((losses) => regularizer.epochEnd(history(losses)).stop)).toEqual([false, false, true, true]);
    expect(regularizer.epochEnd(history([0.1])).reason).toBe('training loss is 0.1000, no more than 0.2');
    expect(regularizer.epochEnd([])).toEqual({ stop: false });
  });

  it('watches the validation loss where it is told to', () => {
    expect(instance(LossThreshold, { threshold: 0.2, watch: 'validationLoss' }).epochEnd(history([0.15])).stop).toBe(false);
  });
});
