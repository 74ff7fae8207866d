import type { ContributionReference } from '@cultivar/sdk';

/** A contribution as it is written on the command line: `normal:deviation=0.01`. */
export function written({ name, ...options }: ContributionReference): string {
  const pairs = Object.entries(options).map(([key, value]) => `${key}=${typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)}`);
  return pairs.length === 0 ? name : `${name}:${pairs.join(',')}`;
}
