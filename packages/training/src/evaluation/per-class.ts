export interface ClassScores {
  label: string;
  /** Of what was taken for the class, the share that is; 0 where nothing was. */
  precision: number;
  /** Of what is of the class, the share that was found; 0 where there is none. */
  recall: number;
  /** Harmonic mean of the two; 0 where both are. */
  f1: number;
  /** Images of the class. */
  support: number;
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/**
 * precision = TP / (TP + FP), recall = TP / (TP + FN), F1 = 2 TP / (2 TP + FP + FN); 0 / 0 counts as 0.
 * @param confusion rows: true class; columns: predicted class
 */
export function perClass(confusion: readonly (readonly number[])[], classes: readonly string[]): ClassScores[] {
  return classes.map((label, index) => {
    const right = confusion[index]![index]!;
    const support = confusion[index]!.reduce((sum, count) => sum + count, 0);
    const predicted = confusion.reduce((sum, row) => sum + row[index]!, 0);
    return { label, precision: share(right, predicted), recall: share(right, support), f1: share(2 * right, predicted + support), support };
  });
}
