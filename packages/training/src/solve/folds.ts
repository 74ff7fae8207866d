import type { Random } from '@cultivar/sdk';

/**
 * Stratified folds: each class is shuffled and dealt out in turn, where the last class left off, so that the folds
 * differ by at most one image in all and in each class.
 * @param labels class index of each image
 * @returns fold of each image, 0..count-1
 */
export function stratifiedFolds(labels: Int32Array, classes: number, count: number, random: Random): Int32Array {
  const folds = new Int32Array(labels.length);
  const byClass = Array.from({ length: classes }, (): number[] => []);
  labels.forEach((label, index) => byClass[label]!.push(index));
  let next = 0;
  for (const [label, members] of byClass.entries()) {
    for (const position of random.child(label).permutation(members.length)) {
      folds[members[position]!] = next % count;
      next += 1;
    }
  }
  return folds;
}

/** Five folds, as usual; fewer where the smallest class has fewer images; 0 where a class has one alone. */
export function foldCount(labels: Int32Array, classes: number): number {
  const sizes = new Int32Array(classes);
  for (const label of labels) sizes[label]! += 1;
  const smallest = Math.min(...sizes.filter((size) => size > 0));
  return smallest < 2 ? 0 : Math.min(5, smallest);
}
