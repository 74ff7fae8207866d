/** Names that people take for the same although they differ: `Cat` and `cat`, `sea lion` and `sea_lion`, é in two forms of Unicode. */

/** What is left of a name without that in which near-identical names differ. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase().normalize('NFC').replace(/[\s_-]+/gu, ' ').trim().replace(/^(\d+)\.0+$/, '$1');
}

/** @returns of the others the one that is nearly identical with the name, if any */
export function nearlyIdentical(name: string, others: Iterable<string>): string | undefined {
  const key = nameKey(name);
  for (const other of others) if (other !== name && nameKey(other) === key) return other;
  return undefined;
}

/** @returns in which way two nearly identical names differ, as the end of a sentence */
export function differenceOf(one: string, other: string): string {
  if (one.normalize('NFC') === other.normalize('NFC')) return 'in the form of Unicode alone: the letters look alike and are stored differently';
  if (one.normalize('NFKC').toLowerCase() === other.normalize('NFKC').toLowerCase()) return 'in upper and lower case alone';
  if (Number(one) === Number(other)) return 'in how the number is written alone';
  return 'in case, spaces or underscores alone';
}

/** @returns `a, b, c and 4 more` */
export function listed(names: readonly string[], most = 6): string {
  if (names.length <= most) return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return `${names.slice(0, most - 1).join(', ')} and ${names.length - most + 1} more`;
}

/** @returns a sentence for each two classes that people may take for one */
export function confusable(labels: Iterable<string>): string[] {
  const sentences: string[] = [];
  const former = new Map<string, string>();
  for (const label of labels) {
    const key = nameKey(label);
    const twin = former.get(key);
    if (twin !== undefined && twin !== label) sentences.push(`classes ${twin} and ${label} are two: they differ ${differenceOf(twin, label)}`);
    former.set(key, label);
  }
  return sentences;
}
