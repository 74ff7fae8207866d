/** Files of the same bytes: one stays, and never on both sides of a split. */
import type { Duplicate, Sample, SetAside, Split } from './dataset.js';

/** Evaluation images stay where training images go: figures must not be flattered by images seen in training. */
const rank: Record<Split, number> = { test: 0, val: 1, train: 2 };
const rankOf = (sample: Sample) => rank[sample.split ?? 'train'];

/**
 * Of each group with the same hash the one in test stays, else in val, else the first by name. A group whose labels
 * differ is set aside as a whole: nobody can say which label is right.
 * @param samples sorted by name; the order is kept
 */
export function dropDuplicates(samples: readonly Sample[], classes: readonly string[]): { samples: Sample[]; setAside: SetAside[]; duplicates: Duplicate[] } {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const group = groups.get(sample.hash);
    if (group) group.push(sample);
    else groups.set(sample.hash, [sample]);
  }
  const dropped = new Set<Sample>();
  const setAside: SetAside[] = [];
  const duplicates: Duplicate[] = [];
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    const kept = group.reduce((best, sample) => (rankOf(sample) < rankOf(best) ? sample : best));
    const conflicting = group.some((sample) => sample.label !== kept.label);
    for (const sample of group) {
      const other = conflicting ? group.find((twin) => twin.label !== sample.label)! : kept;
      if (!conflicting && sample === kept) continue;
      dropped.add(sample);
      const acrossSplit = group.some((twin) => (conflicting || twin === kept) && (twin.split ?? 'train') !== (sample.split ?? 'train'));
      duplicates.push({ ...(!conflicting && { kept: kept.name }), dropped: sample.name, acrossSplit, conflicting });
      if (conflicting) {
        setAside.push({ path: sample.name, code: 'LABEL_CONFLICT', reason: `the same image is labelled ${classes[other.label]} as ${other.name}` });
      }
    }
  }
  return { samples: samples.filter((sample) => !dropped.has(sample)), setAside, duplicates };
}
