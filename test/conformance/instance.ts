import { readFileSync } from 'node:fs';
import { contributionMetadata, type Random } from '@cultivar/sdk';

/** A contribution with its options checked and filled in, without a kernel around it. */
export function instance<T extends object>(Contribution: new () => T, options: Record<string, unknown> = {}): T {
  const metadata = contributionMetadata(Contribution);
  if (!metadata) throw new Error(`${Contribution.name} carries no contribution decorator`);
  return Object.assign(new Contribution(), { options: metadata.options?.parse(options) ?? {} });
}

function never(): never {
  throw new Error('not scripted');
}

/** A generator that gives the scripted answers, in order; whatever is not scripted must not be drawn. */
export function scripted(script: { uniform?: number[]; integer?: number[]; normal?: number[]; beta?: number[]; permutation?: number[][] }): Random {
  const next = <T>(name: keyof typeof script, values: T[] | undefined): T => {
    const value = values?.shift();
    if (value === undefined) throw new Error(`${name} was drawn once too often`);
    return value;
  };
  return {
    uniform: () => next('uniform', script.uniform),
    integer: () => next('integer', script.integer),
    beta: () => next('beta', script.beta),
    permutation: () => next('permutation', script.permutation),
    normal: () => next('normal', script.normal),
    seed: never,
    child: never,
  };
}

/** Golden values from `test/golden/NAME.json`; `NAME.py` beside it makes them anew. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')) as T;
}

/** Largest absolute difference; not a number where lengths differ or a value is none. */
export function distance(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return NaN;
  let most = 0;
  for (let i = 0; i < found.length; i += 1) {
    const difference = Math.abs(found[i]! - expected[i]!);
    if (!(difference <= most)) most = difference;
    if (Number.isNaN(most)) return NaN;
  }
  return most;
}
