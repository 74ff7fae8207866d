import type { EpochRecord } from './callback.js';

/** A rate multiplier as a function of where training is. */
export interface Schedule {
  /**
   * @param position 0 at the start of the phase, 1 at its end. Each step stands in the middle of its share: (step - 0.5) / steps, so that a
   *   rate that begins or ends at zero is zero at no step
   * @param state step and epoch within the phase, both counted from 1
   * @returns multiplier of the base rate, >= 0
   */
  at(position: number, state: { step: number; epoch: number; history: readonly EpochRecord[] }): number;
}
export const Schedule = Symbol.for('cultivar:Schedule');
