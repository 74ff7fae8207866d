import type { TrainingRequest } from '@cultivar/training';
import { createHash } from 'node:crypto';

/** Names what was asked for, wherever its runs lie: what was done for one request is not taken for another. @param further what else decides */
export function requestPrint(request: Partial<TrainingRequest>, further: object = {}): string {
  const deciding = { ...request, out: undefined, resume: undefined, featureFolder: undefined };
  return createHash('sha256').update(JSON.stringify(sorted({ request: deciding, ...further }))).digest('hex').slice(0, 12);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, own]) => own !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, own]) => [key, sorted(own)]));
}
