/** Says in one line how folders or a table were understood. */
import type { Sample, Split } from './dataset.js';
import type { Understood } from './reading.js';
import { byNumber } from './roles.js';

const uses: Record<Split, string> = { train: 'to train on', val: 'to validate with', test: 'kept for the final test' };

/** @returns `train/ -> 400 to train on, test/ -> 100 kept for the final test`; nothing where there are no parts */
export function sentencesOf({ parts }: Understood, samples: readonly Sample[]): string[] {
  const order = Object.keys(uses);
  const told = parts.filter(({ split }) => split !== undefined).sort((a, b) => order.indexOf(a.split!) - order.indexOf(b.split!)).map(({ name, split }) => `${name} -> ${count(samples, name, split!)} ${uses[split!]}`);
  const folds = parts.flatMap(({ fold, split }) => (fold !== undefined && split === undefined ? [fold] : [])).sort(byNumber);
  if (folds.length > 0) told.push(`${folds.length} folds (${folds.length > 6 ? `${folds.slice(0, 3).join(', ')} to ${folds.at(-1)}` : folds.join(', ')}) -> cross-validation; a single training validates with the last, ${folds.at(-1)}`);
  return told.length > 0 ? [`Understood: ${told.join(', ')}`] : [];
}

/** A part that is a folder has what lies in it; any other, the images of its split. */
function count(samples: readonly Sample[], name: string, split: Split): number {
  const folder = name.endsWith('/') && !name.startsWith('*') ? name : undefined;
  const inner = name.startsWith('*') ? name.slice(1) : undefined;
  return samples.filter((sample) => sample.split === split && (folder === undefined || sample.name.startsWith(folder)) && (inner === undefined || sample.name.includes(inner))).length;
}
