import type { Stage } from '@cultivar/sdk';
import { cutsFromTop } from './resolution.js';

/**
 * Sets of stages to solve on, the simpler first: the top; the top with one, two, three cuts below; the cut below the top, alone and with
 * the next. The lower cuts alone are left out: no classifier on them came near in any trial.
 */
export function stageCandidates(stages: readonly Stage[]): string[][] {
  const [top, first, second, third] = cutsFromTop(stages);
  const sets: (string | undefined)[][] = [[top], [first], [top, first], [first, second], [top, first, second], [top, first, second, third]];
  return sets.filter((set): set is string[] => set.every((name) => name !== undefined));
}
