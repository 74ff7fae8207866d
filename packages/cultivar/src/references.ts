import { parseReference } from '@cultivar/kernel';
import type { ContributionReference } from '@cultivar/sdk';

/** A contribution as people write it. */
export type Reference = string | ContributionReference;

/** `'cosine:floor=0.1'` -> `{ name: 'cosine', floor: 0.1 }`. @throws CultivarError REFERENCE_SYNTAX */
export function resolveReference(reference: Reference): ContributionReference {
  return typeof reference === 'string' ? parseReference(reference) : reference;
}

/** @returns the engine asked for; undefined: the first that is available */
export function engineReference(engine: Reference | undefined): ContributionReference | undefined {
  return engine === undefined || engine === 'auto' ? undefined : resolveReference(engine);
}
