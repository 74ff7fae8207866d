/** What a scan finds. */
import type { SetAsideCode } from './image-problem.js';
import type { ImageFormat } from './sniff.js';

export type Split = 'train' | 'val' | 'test';
export type Layout = 'class-folders' | 'split-folders' | 'csv';

/** One usable image. */
export interface Sample {
  /** Absolute path. */
  path: string;
  /** Path from the dataset's root, with forward slashes; unique in a dataset. */
  name: string;
  /** Index into the dataset's classes. */
  label: number;
  /** Where the dataset itself puts it, if it does. */
  split?: Split;
  /** The fold of cross-validation that the dataset itself puts it in, if it does. */
  fold?: string;
  /** SHA-256 of the file, hexadecimal. */
  hash: string;
  /** In pixels, EXIF orientation applied. */
  width: number;
  height: number;
  format: ImageFormat;
  /** Of 16 bits with a color profile: what it is brought to before the profile counts. */
  beforeProfile?: 'srgb' | 'b-w';
}

/** A file that is not used, and why. */
export interface SetAside {
  /** From the dataset's root, with forward slashes. */
  path: string;
  code: SetAsideCode;
  /** In words, without the path. */
  reason: string;
}

/** Two files of the same bytes. */
export interface Duplicate {
  /** Name of the sample that stays; absent where the labels conflict and neither stays. */
  kept?: string;
  /** Name of the file that is not used. */
  dropped: string;
  /** The two stood in different splits: the one to be evaluated on stays, so that the figures are honest. */
  acrossSplit: boolean;
  /** The two carry different labels: all of them are set aside. */
  conflicting: boolean;
}

export interface Dataset {
  /** Absolute path of the folder. */
  root: string;
  layout: Layout;
  /** Sorted by code point, unless given to the scan. */
  classes: string[];
  /** Sorted by name. */
  samples: Sample[];
  setAside: SetAside[];
  duplicates: Duplicate[];
  /** How the folder or table was understood, where there was anything to understand, and what of it is left out; a sentence each, without a full stop. */
  understood: string[];
  /** SHA-256 over names, labels, splits and hashes of the samples: two datasets of the same hash train alike. */
  contentHash: string;
}

/** A file that may be an image, and where the layout puts it. */
export interface Candidate {
  path: string;
  name: string;
  label: string;
  split?: Split;
  fold?: string;
}

/** By code point, so that the order is the same on every machine and in every language. */
export function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
