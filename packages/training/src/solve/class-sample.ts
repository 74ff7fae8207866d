import type { Random } from '@cultivar/sdk';

/** Classes that stand for all of them in a search, with their images. */
export interface ClassSample {
  rows: number[];
  /** Of each of the rows, 0..classes-1. */
  labels: Int32Array;
  classes: number;
}

/** Multiplications of one product up to which a search looks at all classes. */
const affordable = 1e8;
/** And those of one with a sample of them. */
const sampled = 2e7;
/** Classes that a sample has at least: what is read off fewer holds for them alone. */
const fewest = 30;
/** Images of a class that a search looks at: it takes a sample of more itself. */
const most = 25;

/**
 * A product of features and weights grows with images times classes, which for a given number of images a class is with the square of the classes, and a search of stages and
 * strengths takes hundreds of them. Which stages tell classes apart, and how strong the penalty should be, hardly depends on how many classes there are: the
 * best C of nano's features of 20, 50 and 100 classes of Tiny ImageNet, 20 images each, was 0.01 on the top and 0.03 on the cut below in all three, and the same set of
 * stages won. So some classes stand for all.
 * @param width features of the widest set that is searched: all sets are looked at on the same classes
 * @returns undefined where there are few enough to look at all
 */
export function classSample(labels: Int32Array, classes: number, width: number, random: Random): ClassSample | undefined {
  const each = Math.min(most, labels.length / classes);
  if (each * classes * width * classes <= affordable) return undefined;
  const size = Math.max(fewest, Math.floor(Math.sqrt(sampled / (each * width))));
  if (classes < 1.5 * size) return undefined;
  const sizes = new Int32Array(classes);
  for (const label of labels) sizes[label]! += 1;
  // A class with one image, held out, would be known from none.
  const enough = [...sizes.keys()].filter((label) => sizes[label]! >= 2);
  const eligible = enough.length >= size ? enough : [...sizes.keys()].filter((label) => sizes[label]! > 0);
  const chosen = new Int32Array(classes).fill(-1);
  const order = random.permutation(eligible.length);
  Array.from(order.slice(0, size), (place) => eligible[place]!).sort((a, b) => a - b).forEach((label, index) => (chosen[label] = index));
  const rows = [...labels.keys()].filter((row) => chosen[labels[row]!]! >= 0);
  return { rows, labels: Int32Array.from(rows, (row) => chosen[labels[row]!]!), classes: Math.min(size, eligible.length) };
}
