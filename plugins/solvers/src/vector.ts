/** Arithmetic on flat vectors of equal length, in double precision. */

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}

/** target <- target + factor * vector */
export function addScaled(target: Float64Array, factor: number, vector: Float64Array): void {
  for (let i = 0; i < target.length; i += 1) target[i]! += factor * vector[i]!;
}

/** a - b */
export function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]!);
}

/** Largest absolute component; not a number if any is not. */
export function largest(a: Float64Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i += 1) {
    const size = Math.abs(a[i]!);
    if (!(size <= most)) most = size;
    if (Number.isNaN(most)) return most;
  }
  return most;
}
