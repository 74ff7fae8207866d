import { dot } from './vector.js';

/** Share of the largest entry on the diagonal below which a pivot is taken for rounding: Hessians come in single precision, too. */
const rounding = 1e-6;

/**
 * Solves A x = b, A symmetric and positive definite, by its Cholesky factor: A = L transpose(L). Nothing is inverted.
 * @param rows of A; the lower triangle is read
 * @returns undefined where A is not clearly positive definite
 * Source: Golub & Van Loan 2013, "Matrix computations", algorithm 4.2.1
 */
export function solveByCholesky(rows: readonly Float64Array[], b: Float64Array): Float64Array | undefined {
  const n = b.length;
  const factor: Float64Array[] = [];
  let largest = 0;
  for (let i = 0; i < n; i += 1) largest = Math.max(largest, Math.abs(rows[i]![i]!));
  for (let i = 0; i < n; i += 1) {
    const row = rows[i]!.slice(0, i + 1);
    for (let j = 0; j < i; j += 1) row[j] = (row[j]! - dot(row.subarray(0, j), factor[j]!.subarray(0, j))) / factor[j]![j]!;
    const pivot = row[i]! - dot(row.subarray(0, i), row.subarray(0, i));
    if (!(pivot > rounding * largest)) return undefined;
    row[i] = Math.sqrt(pivot);
    factor.push(row);
  }
  const x = b.slice();
  for (let i = 0; i < n; i += 1) x[i] = (x[i]! - dot(factor[i]!.subarray(0, i), x.subarray(0, i))) / factor[i]![i]!;
  for (let i = n - 1; i >= 0; i -= 1) {
    x[i]! /= factor[i]![i]!;
    for (let j = 0; j < i; j += 1) x[j]! -= factor[i]![j]! * x[i]!;
  }
  return x;
}

/**
 * Solves (A + t I) x = b with the smallest t of 0, s, 10 s, 100 s ... that makes the matrix positive definite, s a millionth of the
 * largest entry on the diagonal: a direction in which nothing changes gets no step, and where the function curves the other way the
 * step bends towards steepest descent.
 * Source: Nocedal & Wright 2006, "Numerical optimization", algorithm 3.3
 */
export function solveDefinite(rows: readonly Float64Array[], b: Float64Array): Float64Array {
  const diagonal = rows.map((row, i) => row[i]!);
  const unit = rounding * Math.max(Number.MIN_VALUE * 2 ** 52, ...diagonal.map(Math.abs));
  const least = Math.min(...diagonal);
  let shift = least > 0 ? 0 : unit - least;
  for (;;) {
    const shifted = rows.map((row, i) => {
      const own = row.slice();
      own[i]! += shift;
      return own;
    });
    const solution = solveByCholesky(shifted, b);
    if (solution) return solution;
    shift = Math.max(10 * shift, unit);
    if (!Number.isFinite(shift)) throw new Error('the Hessian is not a number');
  }
}
