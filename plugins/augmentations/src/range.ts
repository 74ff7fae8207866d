import { z, type Random } from '@cultivar/sdk';

export type Range = [least: number, greatest: number];

/** Two numbers, the least first, both inside the limits. */
export const rangeOf = (least: number, greatest: number) => z.tuple([z.number().min(least).max(greatest), z.number().min(least).max(greatest)])
  .refine(([low, high]) => low <= high, 'the least comes first');

/** Evenly between the two. */
export function between([least, greatest]: Range, random: Random): number {
  return least + (greatest - least) * random.uniform();
}
