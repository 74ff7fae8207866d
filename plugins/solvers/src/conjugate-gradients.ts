import { addScaled, dot } from './vector.js';

/**
 * Solves H d = -g by conjugate gradients, as far as it is worth: until |H d + g| <= min(0.5, sqrt|g|) |g|. Asks for products with H
 * alone. Where it meets a direction of no or negative curvature it stops with what it has, or with -g.
 * Source: Nocedal & Wright 2006, "Numerical optimization", algorithm 7.1 (line search Newton-CG)
 */
export async function newtonDirection(product: (vector: Float64Array) => Promise<Float64Array>, gradient: Float64Array): Promise<Float64Array> {
  const direction = new Float64Array(gradient.length);
  const residual = gradient.slice();
  const conjugate = gradient.map((value) => -value);
  let square = dot(residual, residual);
  const enough = (Math.min(0.5, square ** 0.25) ** 2) * square;
  for (let j = 0; j < gradient.length && square > enough; j += 1) {
    const curved = await product(conjugate);
    const curvature = dot(conjugate, curved);
    if (!(curvature > Number.EPSILON * dot(conjugate, conjugate))) return j === 0 ? conjugate : direction;
    const step = square / curvature;
    addScaled(direction, step, conjugate);
    addScaled(residual, step, curved);
    const before = square;
    square = dot(residual, residual);
    for (let i = 0; i < conjugate.length; i += 1) conjugate[i] = -residual[i]! + (square / before) * conjugate[i]!;
  }
  return direction;
}
