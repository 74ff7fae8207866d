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
  return classes.map((label, index) => {
    const right = confusion[index]![index]!;
    const support = confusion[index]!.reduce((sum, count) => sum + count, 0);
    const predicted = confusion.reduce((sum, row) => sum + row[index]!, 0);
    return { label, precision: share(right, predicted), recall: share(right, support), f1: support === 0 ? null : share(2 * right, predicted + support), support };
  });
}
