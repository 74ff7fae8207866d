import { expect, it } from '@jest/globals';
import { Momentum } from '@cultivar/optimizers';
import type { EpochRecord, Schedule } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { distance, golden, instance } from './instance.js';
import { trajectory } from './trajectory.js';

/** What `test/golden/schedules.py` writes. */
interface ScheduleGolden {
  steps: number;
  /** Steps in an epoch. */
  epoch: number;
  /** Steps between two rates. */
  every: number;
  /** Base rate; rates are multiples of it. */
  base: number;
  /** Validation losses of the epochs. */
  losses: number[];
  input: [number, number][];
  start: number[];
  cases: { name: string; options: Record<string, unknown>; last: number; rates: number[]; samples: number[][] }[];
}

const record = golden<ScheduleGolden>('schedules');

const history: EpochRecord[] = record.losses.map((validationLoss, index) =>
  ({ phase: 'train', epoch: index + 1, loss: 1, validationLoss, validationAccuracy: 0.5, learningRate: record.base, seconds: 1 }));

/**
 * Holds a schedule against its peers, from `test/golden/schedules.json`: rate by rate, and where the tiny network goes by
 * them in 1,000 steps of momentum.
 * @param tolerance largest absolute difference of a weight; ours are in single precision, theirs in double: 4.6e-6 at most for most schedules
 */
export function followsItsScheduler(name: string, make: (options: Record<string, unknown>) => Schedule, tolerance = 1e-5): void {
  const cases = record.cases.filter((one) => one.name === name);
  it.each(cases)('equals its peer over 1,000 steps, and takes the tiny network where it takes it: $options', ({ options, last, rates, samples }) => {
    const schedule = make(options);
    const rate = (step: number) => {
      const done = Math.floor(step / record.epoch);
      return schedule.at(step / last, { step: step + 1, epoch: done + 1, history: history.slice(0, done) });
    };
    expect(rates.length).toBe(50);
    // Both in double precision; peers that go from step to step gather roundings.
    expect(distance(rates.map((_rate, index) => rate(index * record.every)), rates)).toBeLessThan(1e-12);
    const before = tf.memory().numTensors;
    const found = trajectory(instance(Momentum), (step) => record.base * rate(step), { ...record, every: 5 * record.every });
    expect(distance(found.flat(), samples.flat())).toBeLessThan(tolerance);
    expect(tf.memory().numTensors).toBe(before);
  });
}
