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
 * @param predicted class of each row
 */
export function perClass(predicted: Int32Array, labels: Int32Array, classes: readonly string[]): ClassScores[] {
  const [right, support, taken] = [0, 1, 2].map(() => new Float64Array(classes.length)) as [Float64Array, Float64Array, Float64Array];
  labels.forEach((label, row) => {
    support[label]! += 1;
    taken[predicted[row]!]! += 1;
    if (label === predicted[row]) right[label]! += 1;
  });
  return classes.map((label, index) => ({
    label, precision: share(right[index]!, taken[index]!), recall: share(right[index]!, support[index]!),
    f1: support[index] === 0 ? null : share(2 * right[index]!, taken[index]! + support[index]!), support: support[index]!,
  }));
}
