import type { Random } from '@cultivar/sdk';
import { foldCount, stratifiedFolds } from './folds.js';

/** Multiplications of one product for all folds together that keep a search within seconds. */
const affordable = 4e8;
/** Rows a class that a sample keeps, whatever it costs: fewer say too little about any class. */
const leastPerClass = 25;

/** On which rows a penalty is searched, and how many folds are held out in turn. */
export interface SearchExtent {
  rows: number[];
  /** Folds that the rows are dealt to; 0: too few images to hold any out. */
  folds: number;
  /** How many of them are held out, one after the other: all, or the first alone. */
  heldOut: number;
}

/**
 * All rows in five folds, each held out in turn, as long as that is cheap. Beyond that one fold is held out: with so many images the
 * estimate is sharp enough. Beyond that again a stratified sample stands for the rows; C, which weighs each image, carries over.
 * @param width number of features
 */
export function searchExtent(labels: Int32Array, classes: number, width: number, random: Random): SearchExtent {
  const all = [...labels.keys()];
  const folds = foldCount(labels, classes);
  const cost = labels.length * width * classes;
  if (cost * folds <= affordable) return { rows: all, folds, heldOut: folds };
  if (cost <= affordable) return { rows: all, folds, heldOut: 1 };
  const size = Math.max(leastPerClass * classes, affordable / (width * classes));
  const parts = Math.max(1, Math.round(labels.length / size));
  const dealt = stratifiedFolds(labels, classes, parts, random.child('sample'));
  const rows = all.filter((row) => dealt[row] === 0);
  return { rows, folds: foldCount(Int32Array.from(rows, (row) => labels[row]!), classes), heldOut: 1 };
}
