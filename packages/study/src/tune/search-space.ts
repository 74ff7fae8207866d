import { failure, type ContributionReference, type Random } from '@cultivar/sdk';
import { parseReference } from '@cultivar/kernel';
import type { TrialSettings } from './trial.js';

/** Values that a setting may take. */
export type Range =
  | { kind: 'choice'; values: (number | string)[] }
  | { kind: 'uniform' | 'log'; low: number; high: number; whole: boolean };

/** Setting, or kind and option joined by a dot (`optimizer.weightDecay`), and its values. */
export type SearchSpace = Readonly<Record<string, Range>>;

const numbers = ['learningRate', 'batchSize', 'epochs', 'views'] as const;
const wholes = new Set<string>(['batchSize', 'epochs', 'views']);
const references = ['optimizer', 'schedule', 'strategy'] as const;

/**
 * Reads `learningRate=log:1e-5..1e-2`, `batchSize=8|16|32`, `optimizer=adam|momentum`, `optimizer.weightDecay=log:1e-6..1e-2`,
 * `epochs=2..8`. Ranges of whole settings are whole.
 * @throws CultivarError SEARCH_INVALID
 */
export function parseSearch(texts: readonly string[]): SearchSpace {
  const seen = new Set<string>();
  return Object.fromEntries(texts.map((text) => {
    const at = text.indexOf('=');
    const name = text.slice(0, at).trim();
    const values = text.slice(at + 1).trim();
    const [first = ''] = name.split('.');
    const isReference = (references as readonly string[]).includes(first);
    if (at < 1 || values === '') throw wrong(text, 'it is not setting=values');
    if (!isReference && !(numbers as readonly string[]).includes(name)) throw wrong(text, `${name} is none of ${[...numbers, ...references].join(', ')}`);
    if (seen.size === seen.add(name).size) throw wrong(text, `${name} is searched twice`);
    return [name, parseRange(text, values, name)];
  }));
}

function parseRange(text: string, values: string, name: string): Range {
  const range = /^(log:)?([^.|]+(?:\.\d+)?(?:e-?\d+)?)\.\.(.+)$/i.exec(values);
  if (range) {
    const [low, high] = [Number(range[2]), Number(range[3])];
    if (!(low < high)) throw wrong(text, 'the lower end must be below the upper');
    if (range[1] && !(low > 0)) throw wrong(text, 'a range by powers must begin above zero');
    return { kind: range[1] ? 'log' : 'uniform', low, high, whole: wholes.has(name) };
  }
  const choices = values.split('|').map((value) => value.trim());
  if (choices.includes('')) throw wrong(text, 'a value is missing');
  const numeric = choices.every((value) => Number.isFinite(Number(value)));
  if (!numeric && (numbers as readonly string[]).includes(name)) throw wrong(text, 'its values must be numbers');
  return { kind: 'choice', values: numeric ? choices.map(Number) : choices };
}

const wrong = (search: string, reason: string) => failure('SEARCH_INVALID', { search, reason });

/** One point of the space, each setting drawn by itself. @param base what options are set on, where the space names none */
export function draw(space: SearchSpace, random: Random, base: TrialSettings): TrialSettings {
  const drawn: Record<string, number | string> = Object.fromEntries(Object.entries(space).map(([name, range]) => [name, drawOne(range, random.child(name))]));
  return settle(drawn, base);
}

function drawOne(range: Range, random: Random): number | string {
  if (range.kind === 'choice') return range.values[random.integer(range.values.length)]!;
  const { low, high, whole } = range;
  const u = random.uniform();
  const value = range.kind === 'log' ? Math.exp(Math.log(low) + u * Math.log(high / low)) : low + u * (high - low);
  return whole ? Math.min(high, Math.max(low, Math.round(value))) : Number(value.toPrecision(3));
}

/** Values by name become settings: a name with a dot is an option of that contribution. */
export function settle(values: Readonly<Record<string, number | string>>, base: TrialSettings): TrialSettings {
  const settings: Record<string, unknown> = { ...base };
  const entries = Object.entries(values).sort(([a], [b]) => Number(a.includes('.')) - Number(b.includes('.')));
  for (const [name, value] of entries) {
    const [kind, option] = name.split('.') as [string, string | undefined];
    if (option !== undefined) settings[kind] = { ...defaultReference(kind), ...(settings[kind] as ContributionReference | undefined), [option]: value };
    else settings[name] = typeof value === 'string' ? parseReference(value) : value;
  }
  return settings as TrialSettings;
}

const defaultReference = (kind: string): ContributionReference => ({ name: kind === 'optimizer' ? 'adam' : kind === 'schedule' ? 'cosine' : 'auto' });
