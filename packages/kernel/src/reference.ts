import { failure, type ContributionReference } from '@cultivar/sdk';

const numberPattern = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;

/** Cuts at a separator, but not inside quotes or brackets. @returns undefined where a quote or bracket stays open */
function cut(text: string, separator: string): string[] | undefined {
  const parts: string[] = [];
  let part = '';
  let quote = '';
  let depth = 0;
  for (const character of text) {
    if (quote) {
      if (character === quote) quote = '';
    } else if ((character === '"' || character === "'") && /(?:^|[=[;])\s*$/.test(part)) quote = character;
    else if (character === '[') depth += 1;
    else if (character === ']') depth -= 1;
    if (character === separator && !quote && depth === 0) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  return quote || depth !== 0 ? undefined : [...parts, part];
}

function valueOf(text: string): unknown {
  const trimmed = text.trim();
  const quoted = /^(["'])(.*)\1$/s.exec(trimmed);
  if (quoted) return quoted[2];
  if (trimmed === 'true') return true;
  if (trimmed === 'false') return false;
  if (numberPattern.test(trimmed)) return Number(trimmed);
  if (trimmed.startsWith('[') && trimmed.endsWith(']')) {
    const inner = trimmed.slice(1, -1);
    return inner.trim() === '' ? [] : (cut(inner, ';') ?? [inner]).map(valueOf);
  }
  return trimmed;
}

/**
 * Reads `name:key=value,key=value`. Numbers, `true` and `false` are typed; `[a;b]` is a list; anything else is text.
 * Quotes keep text as it is, commas included: `weights="a,b"`.
 * @throws CultivarError REFERENCE_SYNTAX
 */
export function parseReference(text: string): ContributionReference {
  const wrong = (reason: string) => failure('REFERENCE_SYNTAX', { text, reason });
  const colon = text.indexOf(':');
  const name = (colon < 0 ? text : text.slice(0, colon)).trim();
  if (name === '') throw wrong('the name is missing');
  if (/[\s=,]/.test(name)) throw wrong(`"${name}" is not a name`);
  const rest = colon < 0 ? '' : text.slice(colon + 1);
  if (colon >= 0 && rest.trim() === '') throw wrong('options are missing behind the colon');
  const options = new Map<string, unknown>();
  if (rest !== '') {
    const pairs = cut(rest, ',');
    if (!pairs) throw wrong('a quote or bracket is not closed');
    for (const pair of pairs) {
      const equals = pair.indexOf('=');
      if (equals < 0) throw wrong(pair.trim() === '' ? 'there is a comma too many' : `"${pair.trim()}" has no value`);
      const key = pair.slice(0, equals).trim();
      if (!/^[\p{L}_$][\p{L}\p{N}_$.-]*$/u.test(key)) throw wrong(`"${key}" is not the name of an option`);
      if (key === 'name') throw wrong('an option cannot be called name');
      if (options.has(key)) throw wrong(`option ${key} is given twice`);
      options.set(key, valueOf(pair.slice(equals + 1)));
    }
  }
  return { ...Object.fromEntries(options), name };
}
