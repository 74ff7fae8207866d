import type { ContributionReference } from '@cultivar/sdk';

/** A contribution as it is written on the command line: `normal:deviation=0.01`, `head2toe:fractions=[0.1;1]`; what `parseReference` reads. */
export function written({ name, ...options }: ContributionReference): string {
  const pairs = Object.entries(options).filter(([, value]) => value !== undefined).map(([key, value]) => `${key}=${valueOf(value)}`);
  return pairs.length === 0 ? name : `${name}:${pairs.join(',')}`;
}

function valueOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueOf).join(';')}]`;
  if (typeof value === 'string') return quoted(value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** Text that would be read as something else. */
function quoted(text: string): string {
  if (!/[,;[\]"']|^\s|\s$|^$|^(true|false)$|^[-+.\d]/.test(text)) return text;
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}
