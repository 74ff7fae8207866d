import { distance } from 'fastest-levenshtein';

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Those of the known names that `name` may be a slip for, nearest first, at most three. Case and hyphens do not count. */
export function nearNames(name: string, known: readonly string[]): string[] {
  const wanted = plain(name);
  if (wanted === '') return [];
  const tolerance = Math.max(1, Math.floor(wanted.length / 3));
  return known
    .map((candidate) => {
      const other = plain(candidate);
      const partOf = Math.min(wanted.length, other.length) >= 3 && (other.includes(wanted) || wanted.includes(other));
      return { candidate, far: partOf ? Math.min(1, distance(wanted, other)) : distance(wanted, other) };
    })
    .filter(({ far }) => far <= tolerance)
    .sort((a, b) => a.far - b.far || a.candidate.localeCompare(b.candidate))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** ` (did you mean adam or adamw?)`, to stand behind a name; empty when no name is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearNames(name, known);
  if (near.length === 0) return '';
  const last = near.at(-1)!;
  return ` (did you mean ${near.length === 1 ? last : `${near.slice(0, -1).join(', ')} or ${last}`}?)`;
}
