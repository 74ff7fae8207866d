/** Arithmetic on flat vectors of equal length, in double precision. Plain loops: `map` takes several times as long. */

/** Four sums side by side: one alone waits for each addition before it begins the next. */
export function dot(a: Float64Array, b: Float64Array): number {
  const { length } = a;
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < length; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (; i < length; i += 1) s0 += a[i]! * b[i]!;
  return s0 + s1 + s2 + s3;
}

/** target <- target + factor * vector */
export function addScaled(target: Float64Array, factor: number, vector: Float64Array): void {
  for (let i = 0; i < target.length; i += 1) target[i]! += factor * vector[i]!;
}

/** target <- factor * target */
export function scale(target: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i += 1) target[i]! *= factor;
}

/** a + factor * b */
export function sum(a: Float64Array, factor: number, b: Float64Array): Float64Array {
  const result = new Float64Array(a.length);
  for (let i = 0; i < a.length; i += 1) result[i] = a[i]! + factor * b[i]!;
  return result;
}

/** Largest absolute component; not a number if any is not. */
export function largest(a: Float64Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i += 1) {
    const size = Math.abs(a[i]!);
    if (size > most) most = size;
    else if (size !== size) return NaN;
  }
  return most;
}
