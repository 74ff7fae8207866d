import { describe, expect, it } from '@jest/globals';
import { distance } from '../../../test/conformance/instance.js';
import { drawn } from '../../../test/conformance/subject.js';
import { solveByCholesky, solveDefinite } from './cholesky.js';

const n = 12;
const factor = drawn(n * n);
/** F transpose(F) + I: symmetric, positive definite. */
const matrix = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_unused, j) =>
  Array.from({ length: n }, (_none, k) => factor[i * n + k]! * factor[j * n + k]!).reduce((sum, value) => sum + value, i === j ? 1 : 0)));
const solution = drawn(n, 50);
const right = Float64Array.from(matrix, (row) => row.reduce((sum, value, j) => sum + value * solution[j]!, 0));

describe('Cholesky', () => {
  it('solves, and leaves its input', () => {
    const before = matrix.map((row) => [...row]);
    expect(distance(solveByCholesky(matrix, right)!, solution)).toBeLessThan(1e-12);
    expect(matrix.map((row) => [...row])).toEqual(before);
  });

  it('says where a matrix is not positive definite, and goes downhill all the same', () => {
    const bent = [Float64Array.of(1, 0), Float64Array.of(0, -1)];
    expect(solveByCholesky(bent, Float64Array.of(1, 1))).toBeUndefined();
    const found = solveDefinite(bent, Float64Array.of(1, 1));
    expect(found[0]! + found[1]!).toBeGreaterThan(0);
    expect(solveDefinite([Float64Array.of(0)], Float64Array.of(1))[0]).toBeGreaterThan(0);
  });
});
