/** How images and their labels are to be read where what lies on the disk leaves it open. */
import type { Split } from './dataset.js';

export interface ReadingOptions {
  /**
   * What folders, or values of the split column of a CSV file, are for, by name: `{ camera1: 'train', camera2: 'test' }`.
   * Those of the same use are put together; `ignore` leaves one out. Absent: what their names tell.
   */
  split?: Readonly<Record<string, Split | 'ignore'>>;
  /** Which folders are the classes where folders lie in folders: the `outer` ones, or the `inner` ones, which hold the images. */
  classFolders?: 'outer' | 'inner';
  /** Columns of a CSV file, by name or by number from 1. */
  csv?: CsvColumns;
}

export interface CsvColumns {
  path?: string;
  /** A column of labels; or columns of 0 and 1, one a class, joined by `|`. */
  label?: string;
  /** `none`: no column is the split. */
  split?: string;
  /** Folds of cross-validation. */
  fold?: string;
}

/** What was understood of a folder or table, so that it can be said. */
export interface Understood {
  /** Parts of the data and what they are for, in the order in which they are told. */
  parts: { name: string; split?: Split; fold?: string }[];
  /** What was decided, one sentence each, without a full stop. */
  notes: string[];
  /** Likewise, images that are left out. */
  leftOut: string[];
}
