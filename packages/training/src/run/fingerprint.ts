import { createHash } from 'node:crypto';
import { sorted } from '../bundle/request-record.js';
import type { FullRequest } from '../request.js';

/** What a result depends on, besides the request. */
interface Circumstances {
  contentHash: string;
  backboneSha256: string;
  engine: string;
  trainer?: string;
  versions: Record<string, string>;
}

/** What changes no number. */
const incidental = new Set<string>(['out', 'resume', 'data', 'reading', 'callbacks', 'exporters', 'featureFolder', 'featureScope', 'trialFolder'] satisfies (keyof FullRequest)[]);

/** Hash of the request, where it is written to aside, and of everything else that decides the numbers: a run goes on only with the same. */
export function fingerprint(request: FullRequest, circumstances: Circumstances): string {
  const deciding = Object.fromEntries(Object.entries(request).filter(([name]) => !incidental.has(name)));
  return createHash('sha256').update(JSON.stringify([sorted(deciding), sorted(circumstances)])).digest('hex');
}

/** Hash of what the features of the frozen backbone depend on, of whichever images. */
export function featureFingerprint({ backbone }: FullRequest, { trainer: _, ...circumstances }: Circumstances): string {
  return createHash('sha256').update(JSON.stringify(sorted([backbone, circumstances]))).digest('hex');
}
