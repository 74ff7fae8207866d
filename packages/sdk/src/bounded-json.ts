/** Limits of a JSON text from outside. */
export interface JsonLimits {
  /** Objects, lists and their members together. Default four million. */
  values?: number;
  /** Levels of objects and lists in one another. Default 200. */
  depth?: number;
}

const openBrace = '{'.charCodeAt(0);
const openBracket = '['.charCodeAt(0);
const comma = ','.charCodeAt(0);

/**
 * `JSON.parse` for texts from outside: what would fill the memory, overflow the stack of whoever walks through it, or reach the prototype of
 * an object is refused.
 * @throws Error that says why, to stand behind the file's name: `is not JSON`
 */
export function parseBoundedJson(text: string, { values = 4_000_000, depth = 200 }: JsonLimits = {}): unknown {
  let seen = 0;
  // Those in texts count too: it is a bound, and a label with a comma costs nothing.
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === comma || code === openBrace || code === openBracket) seen += 1;
  }
  if (seen > values) throw new Error(`holds more than ${values} values`);
  let content: unknown;
  try {
    content = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (error) {
    throw new Error('is not JSON', { cause: error });
  }
  checkLevels(content, depth);
  return content;
}

function checkLevels(content: unknown, depth: number): void {
  let level: object[] = isObject(content) ? [content] : [];
  for (let below = 1; level.length > 0; below += 1) {
    if (below > depth) throw new Error(`has more than ${depth} levels`);
    const next: object[] = [];
    for (const value of level) {
      if (Object.hasOwn(value, '__proto__')) throw new Error('has a key __proto__');
      for (const child of Object.values(value) as unknown[]) if (isObject(child)) next.push(child);
    }
    level = next;
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
