/** Settings that say how folders and tables of images are to be understood, for every call that takes data. */
import type { ReadingOptions } from '@cultivar/data';
import { z } from '@cultivar/sdk';

/** A column of a CSV file: its name, or its number from 1. */
const column = z.union([z.string().min(1), z.int().min(1)]);

export const readingSchema = {
  /** What folders or values of the split column are for, by name: `{ camera1: 'train', camera2: 'test' }`. Default what their names tell. */
  split: z.record(z.string().min(1), z.enum(['train', 'val', 'validation', 'test', 'ignore'], { error: 'expected train, val, test or ignore' })),
  /** Which folders are the classes where folders lie in folders; needed only where it is not clear. */
  classFolders: z.enum(['outer', 'inner']),
  /** Which columns of a CSV file are what, where their names do not tell: `{ path: 'img', label: 'breed', split: 'part', fold: 'k' }`; `split: 'none'`: none. */
  csv: z.strictObject({ path: column, label: column, split: column, fold: column }).partial(),
};

/** Settings of {@link readingSchema}. */
export type ReadingSettings = { [Name in keyof typeof readingSchema]?: z.infer<(typeof readingSchema)[Name]> };

/** @returns what a scan takes; undefined where nothing is said */
export function readingOf({ split, classFolders, csv }: ReadingSettings): ReadingOptions | undefined {
  if (split === undefined && classFolders === undefined && csv === undefined) return undefined;
  return {
    ...(split && { split: Object.fromEntries(Object.entries(split).map(([name, use]) => [name, use === 'validation' ? 'val' : use])) }),
    ...(classFolders && { classFolders }),
    ...(csv && { csv: Object.fromEntries(Object.entries(csv).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))) }),
  };
}
