import { distance } from 'fastest-levenshtein';

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Those of the known names that `name` is most likely a slip for, at most three. Case and hyphens do not count. */
export function nearNames(name: string, known: readonly string[]): string[] {
  const wanted = plain(name);
  if (wanted === '') return [];
  const tolerance = Math.ceil(wanted.length / 3);
  const near = known
    .map((candidate) => {
      const other = plain(candidate);
      const partOf = Math.min(wanted.length, other.length) >= 3 && (other.includes(wanted) || wanted.includes(other));
      const far = distance(wanted, other);
      return { candidate, far: partOf ? Math.min(1, far) : far };
    })
    .filter(({ far }) => far <= tolerance);
  const least = Math.min(...near.map(({ far }) => far));
  return near.filter(({ far }) => far === least).map(({ candidate }) => candidate).sort().slice(0, 3);
}

/** ` (did you mean adam or adamw?)`, to stand behind a name; empty when no name is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearNames(name, known);
  if (near.length === 0) return '';
  const last = near.at(-1)!;
  return ` (did you mean ${near.length === 1 ? last : `${near.slice(0, -1).join(', ')} or ${last}`}?)`;
}
