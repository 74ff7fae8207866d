import { describe, expect, it } from '@jest/globals';
import type { EpochRecord } from '@cultivar/sdk';
import { golden, instance } from '../../../test/conformance/instance.js';
import { EarlyStopping } from './early-stopping.js';

interface Golden {
  losses: number[];
  stops: { patience: number; minimumDelta: number; epoch: number | null }[];
}
const { losses, stops } = golden<Golden>('regularizers');
const history = (values: number[], phase = 'head'): EpochRecord[] => values.map((validationLoss, index) =>
  ({ phase, epoch: index + 1, loss: 1, validationLoss, validationAccuracy: 0.5, learningRate: 0.1, seconds: 1 }));

describe('early-stopping', () => {
  it.each(stops)('stops in the epoch in which Keras stops: $patience, $minimumDelta', ({ patience, minimumDelta, epoch }) => {
    const regularizer = instance(EarlyStopping, { patience, minimumDelta });
    const stopped = losses.findIndex((_loss, index) => regularizer.epochEnd(history(losses.slice(0, index + 1))).stop);
    expect(stopped < 0 ? null : stopped + 1).toBe(epoch);
  });

  it('says why', () => {
    expect(instance(EarlyStopping, { patience: 2 }).epochEnd(history([0.5, 0.6, 0.7]))).toEqual(
      { stop: true, reason: 'validation loss has not fallen below 0.5000 for 2 epochs' });
  });

  it('begins anew with each phase, and takes a loss that is no number for no improvement', () => {
    const regularizer = instance(EarlyStopping, { patience: 2 });
    expect(regularizer.epochEnd([...history([0.1, 0.1, 0.1]), ...history([0.9, 0.8], 'thaw')]).stop).toBe(false);
    expect(regularizer.epochEnd(history([0.9, NaN, NaN])).stop).toBe(true);
    expect(regularizer.epochEnd([])).toEqual({ stop: false });
  });
});
