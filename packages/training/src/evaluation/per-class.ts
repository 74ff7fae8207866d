export interface ClassScores {
  label: string;
  /** Of what was taken for the class, the share that is, 0..1; null where nothing was. */
  precision: number | null;
  /** Of what is of the class, the share that was found, 0..1; null where there is none. */
  recall: number | null;
  /** Harmonic mean of the two, 0..1; null where there are no images of the class. */
  f1: number | null;
  /** Images of the class. */
  support: number;
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/**
 * precision = TP / (TP + FP), recall = TP / (TP + FN), F1 = 2 TP / (2 TP + FP + FN); a share of nothing is none.
 * @param confusion rows: true class; columns: predicted class
 */
export function perClass(confusion: readonly (readonly number[])[], classes: readonly string[]): ClassScores[] {
  const counts = noCounts(classes.length);
  confusion.forEach((row, label) => row.forEach((images, predicted) => count(counts, label, predicted, images)));
  return scoresOf(counts, classes);
}

/** The same, without a matrix of all classes against all. @param predicted class of each row */
export function perClassOf(predicted: Int32Array, labels: Int32Array, classes: readonly string[]): ClassScores[] {
  const counts = noCounts(classes.length);
  labels.forEach((label, row) => count(counts, label, predicted[row]!, 1));
  return scoresOf(counts, classes);
}

/** Images of each class that were right, are of it, were taken for it. */
interface Counts {
  right: Float64Array;
  support: Float64Array;
  predicted: Float64Array;
}

const noCounts = (classes: number): Counts => ({ right: new Float64Array(classes), support: new Float64Array(classes), predicted: new Float64Array(classes) });

function count({ right, support, predicted: taken }: Counts, label: number, predicted: number, images: number): void {
  support[label]! += images;
  taken[predicted]! += images;
  if (label === predicted) right[label]! += images;
}

function scoresOf(counts: Counts, classes: readonly string[]): ClassScores[] {
  return classes.map((label, index) => {
    const [right, support, predicted] = [counts.right[index]!, counts.support[index]!, counts.predicted[index]!];
    return { label, precision: share(right, predicted), recall: share(right, support), f1: support === 0 ? null : share(2 * right, predicted + support), support };
  });
}
