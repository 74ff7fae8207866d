/** Columns that say which images are to train on and which are held out, in all the ways that are usual. */
import { failure } from '@cultivar/sdk';
import { listed } from './class-names.js';
import type { Split } from './dataset.js';
import type { ReadingOptions } from './reading.js';
import { isFold, splitOf, wordsOf } from './roles.js';
import type { Row } from './table.js';

/** `words`: each cell names a part; otherwise each cell says whether the image is of that part. */
export interface SplitColumn {
  column: number;
  name: string;
  kind: 'words' | Split;
}

const splitNames = new Set('split splits set subset partition usage phase tvt datasplit splitset splitname datasubset'.split(' '));
const foldNames = new Set('fold folds kfold foldid cvfold foldnumber foldno foldidx foldindex cv'.split(' '));
/** Words beside which a part's name in a header still means the part: `is_valid`, `test_set`, `is_training_img`. */
const besides = new Set(('is in for of the a as be flag set sets subset split data dataset image images img imgs sample samples item items use used mask has public private').split(' '));

interface Question {
  path: string;
  names: readonly string[];
  rows: readonly Row[];
  /** Those that may be splits. */
  columns: readonly number[];
  header: boolean;
  chosen?: number | 'none';
  fold?: number;
}

/** @throws CultivarError DATA_CSV_SPLIT where a column that is called like a split holds something else */
export function splitColumns({ path, names, rows, columns, header, chosen, fold }: Question): { splits: SplitColumn[]; fold?: number } {
  const values = (column: number) => [...new Set(rows.map(({ cells }) => cells[column] ?? ''))].filter((cell) => cell !== '');
  const open = (column: number) => failure('DATA_CSV_SPLIT', { path, column: names[column]!, values: listed(values(column)), value: values(column)[0] ?? '' });
  if (chosen === 'none') return { splits: [], ...(fold !== undefined && { fold }) };
  if (chosen !== undefined) {
    const role = roleOfHeader(names[chosen]!);
    const flags = values(chosen).every((cell) => truth(cell) !== undefined) && role !== undefined;
    return { splits: [{ column: chosen, name: names[chosen]!, kind: flags ? role.role : 'words' }], ...(fold !== undefined && { fold }) };
  }
  const splits: SplitColumn[] = [];
  let folds = fold;
  for (const column of header ? columns : []) {
    const own = values(column);
    if (column === fold || own.length === 0) continue;
    const name = names[column]!;
    const plain = name.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
    const role = roleOfHeader(name);
    const inWords = own.every((cell) => splitOf(cell) !== undefined && wordsOf(cell).length <= 2);
    const inFlags = own.every((cell) => truth(cell) !== undefined);
    if (inWords) {
      // An unknown column of such words is a split where some images are to train on; otherwise it may be anything.
      if (!splitNames.has(plain) && !foldNames.has(plain) && !role && !own.some((cell) => splitOf(cell) === 'train')) throw open(column);
      splits.push({ column, name, kind: 'words' });
    } else if (foldNames.has(plain) || (splitNames.has(plain) && own.every(isFold))) {
      if (folds !== undefined) throw open(column);
      folds = column;
    } else if (splitNames.has(plain)) splits.push({ column, name, kind: 'words' });
    else if (role?.sure && inFlags) splits.push({ column, name, kind: role.role });
    else if (role && (role.sure || inFlags)) throw open(column);
  }
  return { splits, ...(folds !== undefined && { fold: folds }) };
}

/** @returns the part that a header names, and whether it is about nothing else */
function roleOfHeader(name: string): { role: Split; sure: boolean } | undefined {
  const role = splitOf(name);
  return role && { role, sure: wordsOf(name).every((word) => besides.has(word) || splitOf(word) === role || /^\p{N}+$/u.test(word)) };
}

function truth(cell: string): boolean | undefined {
  if (/^(?:1(?:\.0+)?|true|t|yes|y)$/i.test(cell)) return true;
  if (/^(?:0(?:\.0+)?|false|f|no|n)$/i.test(cell)) return false;
  return undefined;
}

/**
 * @returns the part that a row is of: undefined where nothing says it
 * @throws what `wrong` makes of a sentence
 */
export function splitOfRow(columns: readonly SplitColumn[], cells: readonly string[], given: ReadingOptions['split'] = {}, wrong: (reason: string) => Error): Split | 'ignore' | undefined {
  const said = new Map<Split | 'ignore', string>();
  const denied = new Set<Split>();
  for (const { column, name, kind } of columns) {
    const cell = cells[column] ?? '';
    if (kind === 'words') {
      if (cell === '') continue;
      const use = Object.hasOwn(given, cell) ? given[cell] : splitOf(cell);
      if (use === undefined) throw wrong(`"${cell}" in column ${name} is not train, val or test`);
      said.set(use, name);
    } else {
      const flag = truth(cell);
      if (flag === undefined) throw wrong(`"${cell}" in column ${name} is neither true nor false`);
      if (flag) said.set(kind, name);
      else denied.add(kind);
    }
  }
  const [use, another] = [...said.keys()];
  if (another !== undefined) throw wrong(`it is of two parts at once, ${use} (column ${said.get(use!)}) and ${another} (column ${said.get(another)})`);
  if (use !== undefined && use !== 'ignore' && denied.has(use)) throw wrong(`column ${said.get(use)} says that it is of ${use}, and another column that it is not`);
  if (use !== undefined || denied.size === 0) return use;
  if (!denied.has('train')) return 'train';
  // Not to train on, and nothing says what for: kept for the final test, where it cannot flatter.
  if (!denied.has('test')) return 'test';
  if (!denied.has('val')) return 'val';
  throw wrong('it is of no part: neither to train on nor to validate or test with');
}
