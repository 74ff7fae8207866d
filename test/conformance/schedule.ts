import type { EpochRecord, Schedule } from '@cultivar/sdk';
import { expect } from '@jest/globals';
import type { Checks } from './subject.js';

const epochs = 20;
const history: EpochRecord[] = Array.from({ length: epochs }, (_, index) => ({
  phase: 'head', epoch: index + 1, loss: 1 / (index + 1), validationLoss: 1 + 1 / (index + 1), validationAccuracy: 0.5, learningRate: 0.1, seconds: 1,
}));

/** Multipliers of a phase of 20 epochs of 10 steps, and at its very end. */
function course(schedule: Schedule): number[] {
  return Array.from({ length: epochs * 10 + 1 }, (_, step) => {
    const epoch = Math.min(epochs, Math.floor(step / 10) + 1);
    return schedule.at(step / (epochs * 10), { step: step + 1, epoch, history: history.slice(0, epoch - 1) });
  });
}

export const scheduleChecks: Checks<Schedule> = {
  'gives multipliers of zero or more, and one above zero': ({ make }) => {
    const multipliers = course(make());
    for (const multiplier of multipliers) {
      expect(Number.isFinite(multiplier)).toBe(true);
      expect(multiplier).toBeGreaterThanOrEqual(0);
    }
    expect(Math.max(...multipliers)).toBeGreaterThan(0);
  },
  'trains at every step of a phase, however few they are': ({ make }) => {
    for (let steps = 1; steps <= 5; steps += 1) {
      for (let step = 1; step <= steps; step += 1) expect([steps, step, make().at((step - 0.5) / steps, { step, epoch: 1, history: [] }) > 0]).toEqual([steps, step, true]);
    }
  },
  'depends on what it is told alone, so that a run can be resumed': ({ make }) => {
    const multipliers = course(make());
    const schedule = make();
    course(schedule);
    expect(course(schedule)).toEqual(multipliers);
  },
};
