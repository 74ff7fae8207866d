/** Pieces of option schemas that many contributions share. All are zod schemas: give them a default with `.default()`. */
import { z } from 'zod';
import type { Kind } from './kinds.js';

export { z };
/** 0..1, both ends included. */
export const fraction = z.number().min(0).max(1);
/** Above zero. */
export const positive = z.number().positive();
/** Zero or more. */
export const nonNegative = z.number().min(0);
/** A whole number of one or more. */
export const count = z.int().min(1);
/**
 * Another contribution, `'adam:beta1=0.8'` or `{ name: 'adam', beta1: 0.8 }`; checked with the options that it stands among.
 * Make it with the {@link Contributions} service.
 */
export const contributionOf = (kind: Kind) =>
  z.union([z.string().min(1), z.looseObject({ name: z.string().min(1) })]).meta({ contribution: kind });
