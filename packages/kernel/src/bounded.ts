/** How much of a configuration there may be: more is no configuration, and would be looked through for minutes. */
const deepest = 32;
const most = 50_000;

/**
 * Looks through lists and plain objects, without recursion: what stands in itself has no end, what stands in many places has more of them than
 * memory. Plugins, and whatever else has a class, are not looked into.
 * @returns why it is too much, to stand inside a sentence; undefined where it is not
 * @throws what a getter of the value throws
 */
export function tooMuch(value: unknown): string | undefined {
  const open: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  let seen = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!isOpen(next.value)) continue;
    if (next.depth >= deepest) return `lists and objects stand in one another more than ${deepest} deep`;
    const inside = Array.isArray(next.value) ? next.value : Object.values(next.value);
    seen += inside.length;
    if (seen > most) return `it holds more than ${most.toLocaleString('en')} values`;
    for (const one of inside) open.push({ value: one, depth: next.depth + 1 });
  }
  return undefined;
}

function isOpen(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  if ('contributions' in value) return false;
  // Of any realm: the file may have been run in another.
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
