/** Of a symmetric matrix: values in falling order, vectors of length one beside them. */
export interface Eigen {
  values: number[];
  /** vectors[i] belongs to values[i]. */
  vectors: number[][];
}

/** Jacobi's method: rotates the largest entry beside the diagonal away until there is none; exact to rounding. */
export function eigenOf(symmetric: readonly (readonly number[])[]): Eigen {
  const size = symmetric.length;
  const a = symmetric.map((row) => [...row]);
  const v = a.map((_row, i) => a.map((_other, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 100; sweep += 1) {
    let [p, q, largest] = [0, 1, 0];
    for (let i = 0; i < size; i += 1) for (let j = i + 1; j < size; j += 1) if (Math.abs(a[i]![j]!) > largest) [p, q, largest] = [i, j, Math.abs(a[i]![j]!)];
    if (largest < 1e-18) break;
    const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
    const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
    const cosine = 1 / Math.sqrt(t * t + 1);
    const sine = t * cosine;
    const turn = (matrix: number[][], byRow: boolean) => {
      for (let k = 0; k < size; k += 1) {
        const [one, other] = byRow ? [matrix[p]![k]!, matrix[q]![k]!] : [matrix[k]![p]!, matrix[k]![q]!];
        const [x, y] = [cosine * one - sine * other, sine * one + cosine * other];
        if (byRow) [matrix[p]![k], matrix[q]![k]] = [x, y];
        else [matrix[k]![p], matrix[k]![q]] = [x, y];
      }
    };
    turn(a, false);
    turn(a, true);
    turn(v, false);
  }
  const order = a.map((_row, i) => i).sort((i, j) => a[j]![j]! - a[i]![i]!);
  return { values: order.map((i) => a[i]![i]!), vectors: order.map((i) => v.map((row) => row[i]!)) };
}
