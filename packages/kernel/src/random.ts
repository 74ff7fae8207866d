import { createHash } from 'node:crypto';
import type { Random } from '@cultivar/sdk';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/**
 * A stream of xoroshiro128+, its 128-bit state taken from the SHA-256 of its place in the tree of streams: a child
 * depends on the seed and on the names that lead to it, never on what was drawn before.
 */
class Stream implements Random {
  readonly #place: Buffer;
  readonly #generator: RandomGenerator;
  #spareNormal: number | undefined;

  constructor(place: Buffer) {
    this.#place = place;
    this.#generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => place.readInt32LE(offset)));
  }

  uniform(): number {
    return uniformFloat64(this.#generator);
  }

  /** Polar method, Marsaglia & Bray 1964: two normals a round, the second kept for the next call. */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) {
        const scale = Math.sqrt((-2 * Math.log(square)) / square);
        this.#spareNormal = y * scale;
        return x * scale;
      }
    }
  }

  /** X / (X + Y) of two gammas, in logarithms so that tiny a and b do not underflow to 0 / 0. */
  beta(a: number, b: number): number {
    if (!(a > 0 && b > 0 && a < Infinity && b < Infinity)) throw new RangeError(`beta(${a}, ${b}): both must be above 0`);
    const difference = this.#logGamma(b) - this.#logGamma(a);
    const value = 1 / (1 + Math.exp(difference));
    return Math.min(Math.max(value, Number.MIN_VALUE), 1 - Number.EPSILON / 2);
  }

  /** Logarithm of a gamma(shape, 1) variable: Marsaglia & Tsang 2000; below 1 by gamma(shape + 1) U^(1/shape). */
  #logGamma(shape: number): number {
    if (shape < 1) return this.#logGamma(shape + 1) + Math.log(1 - this.uniform()) / shape;
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
    }
  }

  integer(limit: number): number {
    if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`integer(${limit}): the limit must be a whole number of at least 1`);
    return uniformInt(this.#generator, 0, limit - 1);
  }

  /** Fisher-Yates. */
  permutation(length: number): number[] {
    const order = Array.from({ length }, (_, index) => index);
    for (let last = length - 1; last > 0; last -= 1) {
      const other = this.integer(last + 1);
      const kept = order[last]!;
      order[last] = order[other]!;
      order[other] = kept;
    }
    return order;
  }

  /** In [0, 2^31). */
  seed(): number {
    return this.integer(2 ** 31);
  }

  child(name: string | number): Random {
    return new Stream(createHash('sha256').update(this.#place).update(String(name)).digest());
  }
}

/**
 * The generator that a whole run draws from.
 * @param seed any finite number; the same seed gives the same numbers on every machine
 */
export function createRandom(seed: number): Random {
  if (!Number.isFinite(seed)) throw new RangeError(`The seed must be a finite number, not ${seed}`);
  return new Stream(createHash('sha256').update(`cultivar:${Object.is(seed, -0) ? 0 : seed}`).digest());
}
