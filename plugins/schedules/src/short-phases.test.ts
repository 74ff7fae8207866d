import '../../../test/conformance/backend.js';
import type { ContributionReference, EpochRecord, Schedule } from '@cultivar/sdk';
import { describe, expect, it } from '@jest/globals';
import { creator } from '../../../test/conformance/created.js';
import plugin from './index.js';

const create = await creator(plugin);

/** Every value of each option with every value of the others. */
function combinations(options: Record<string, unknown[]>): Record<string, unknown>[] {
  return Object.entries(options).reduce<Record<string, unknown>[]>((all, [name, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))), [{}]);
}

/** Options at the ends of their ranges, where a rate is zero at the start or the end of its course. */
const extremes: Record<string, Record<string, unknown[]>> = {
  constant: {}, step: { every: [1, 5] }, exponential: { per: ['step', 'epoch'] }, 'inverse-time': { per: ['step', 'epoch'] },
  polynomial: { power: [0.5, 1, 3], floor: [0, 0.1] },
  cosine: { floor: [0, 0.1], warmup: [0, 0.1, 0.5, 0.9] },
  'cosine-restarts': { cycles: [1, 2, 3, 4, 5], growth: [1, 2, 3.5], floor: [0] },
  cyclic: { cycles: [1, 2, 3, 4, 5], shrink: [0.5, 1] },
  'one-cycle': { rise: [0.1, 0.3, 0.9], start: [0], end: [0], shape: ['cosine', 'line'] },
  'warm-up': { of: ['cosine', 'polynomial', 'one-cycle:end=0'], share: [0.1, 0.5, 0.9], from: [0] },
  'reduce-on-plateau': { factor: [0.1] }, 'range-test': {},
};

/** As the trainer asks, step by step. */
function rates(schedule: Schedule, steps: number, perEpoch: number): number[] {
  const history: EpochRecord[] = [];
  return Array.from({ length: steps }, (_, index) => {
    const epoch = Math.floor(index / perEpoch) + 1;
    while (history.length < epoch - 1) history.push({ phase: 'train', epoch: history.length + 1, loss: 1, validationLoss: 1, validationAccuracy: 0.5, learningRate: 1, seconds: 1 });
    return schedule.at((index + 0.5) / steps, { step: index + 1, epoch, history });
  });
}

describe('a phase of few steps', () => {
  it('knows every schedule there is', () => {
    expect(plugin.contributions.length).toBe(Object.keys(extremes).length);
  });

  it.each(Object.keys(extremes))('trains at every step with %s', (name) => {
    for (const options of combinations(extremes[name]!)) {
      const schedule = create<Schedule>('schedule', { name, ...options } as ContributionReference);
      for (let steps = 1; steps <= 12; steps += 1) {
        for (const perEpoch of [1, 2, steps]) {
          for (const rate of rates(schedule, steps, perEpoch)) expect([options, steps, rate > 0]).toEqual([options, steps, true]);
        }
      }
    }
  });
});
