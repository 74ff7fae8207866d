/** CSV files in all sorts of dialects, made together with what they mean. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { scanDataset, type ReadingOptions, type Split } from '@cultivar/data';
import { isCultivarError } from '@cultivar/sdk';
import { randomFrom, type Random } from './random.js';
import type { FuzzTarget } from './target.js';
import { tinyImage } from './tiny-image.js';

interface Row {
  /** From the folder of the CSV. */
  name: string;
  label: string;
  split?: Split;
  fold?: string;
}

interface Column {
  name: string;
  cells: string[];
}

interface Table {
  columns: Column[];
  header: boolean;
  /** Whether nothing has to be asked. */
  clear: boolean;
  /** What makes it clear where it is not. */
  answer?: ReadingOptions;
}

const labels = ['cat', 'dog', 'sea lion', '0', '1', '12', 'Käfer', 'Ångström', 'a, b', 'say "no"', 'train', 'NaN', 'x;y', "it's", 'b|c', 'true', 'path'] as const;
const pathNames = ['path', 'file', 'Filename', 'file_name', 'filepath', 'image', 'Image Path', 'img', 'image_id', 'id', 'ID', 'fname'] as const;
const labelNames = ['label', 'Class', 'category', 'target', 'breed', 'species', 'class_name', 'Diagnosis', 'labels', 'y'] as const;
const folders = ['', '', 'images/', 'images/deep/', 'a b/', 'Größe/', 'x.y/'] as const;
const unknownNames = ['foo', 'Spalte', 'col1', 'a', 'what it is', 'quality'] as const;

export const target: FuzzTarget = {
  name: 'csv',
  async attempt(seed, folder) {
    const random = randomFrom(seed);
    const rows = truth(random);
    for (const [index, { name }] of rows.entries()) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), tinyImage(seed % 1000 * 100 + index));
    }
    const table = tableOf(random, rows);
    const bytes = written(random, table);
    await writeFile(join(folder, 'list.csv'), bytes);
    const finding = await compared(join(folder, 'list.csv'), rows, bytes, undefined, table.clear);
    if (finding !== undefined) return finding;
    if (table.answer) return await compared(join(folder, 'list.csv'), rows, bytes, table.answer, true);
    // Damaged, it may mean anything, but it is never fatal.
    for (let left = 1 + random.below(6); left > 0; left -= 1) bytes[random.below(bytes.length)] = random.below(256);
    await writeFile(join(folder, 'list.csv'), bytes);
    await scanDataset(join(folder, 'list.csv')).catch((error: unknown) => {
      if (!isCultivarError(error)) throw error;
    });
    return undefined;
  },
};

async function compared(path: string, rows: readonly Row[], bytes: Buffer, reading: ReadingOptions | undefined, clear: boolean): Promise<string | undefined> {
  const shown = () => `${JSON.stringify(bytes.toString())}${reading ? ` with ${JSON.stringify(reading)}` : ''}`;
  let dataset;
  try {
    dataset = await scanDataset(path, { ...(reading && { reading }) });
  } catch (error) {
    if (!isCultivarError(error)) throw error;
    return clear ? `${error.code} where all is clear: ${error.message} In: ${shown()}` : undefined;
  }
  const expected = rows.map(told).sort();
  const found = dataset.samples.map(({ name, label, split, fold }) => told({ name, label: dataset.classes[label]!, split, fold })).sort();
  const wrong = found.find((one) => !expected.includes(one)) ?? expected.find((one) => !found.includes(one));
  return wrong === undefined ? undefined : `understood as something else: ${wrong} (expected ${expected.join('; ')}) in ${shown()}`;
}

/** No split is to train on. */
const told = ({ name, label, split = 'train', fold }: Row): string => `${name} is ${label} of ${split}${fold === undefined ? '' : ` in ${fold}`}`;

function truth(random: Random): Row[] {
  const folder = random.pick(folders);
  const names = new Set<string>();
  while (names.size < 4 + random.below(6)) names.add(`${folder}${random.pick(['', 'IMG_', 'photo ', 'é', 'v1.'])}${random.below(500)}`);
  const own = [random.pick(labels)];
  while (own.length < 2 + random.below(3)) {
    const label = random.pick(labels);
    if (!own.includes(label)) own.push(label);
  }
  const kind = random.pick(['none', 'val', 'test', 'both', 'folds', 'none', 'val', 'test']);
  const extension = random.pick(['.jpg', '.png', '.JPG', '.jpeg', '.tiff']);
  return [...names].map((name, index): Row => {
    const row = { name: `${name}${extension}`, label: index < own.length ? own[index]! : random.pick(own) };
    if (kind === 'folds') return { ...row, fold: String(1 + index % 3) };
    if (kind === 'none') return row;
    const held: Split = kind === 'both' ? random.pick(['val', 'test']) : (kind as Split);
    return { ...row, split: index < own.length || random.chance(0.5) ? 'train' : held };
  });
}

function tableOf(random: Random, rows: readonly Row[]): Table {
  const stem = random.chance(0.2);
  const bare = random.chance(0.15);
  const mangled = random.pick([(path: string) => path, (path: string) => path, (path: string) => `./${path}`, (path: string) => path.replaceAll('/', '\\'), (path: string) => path.normalize('NFD')]);
  const path = rows.map(({ name }) => {
    const file = stem ? name.replace(/\.[a-zA-Z]+$/, '') : name;
    return mangled(bare ? file.slice(file.lastIndexOf('/') + 1) : file);
  });
  const splits = splitColumns(random, rows);
  if (random.chance(0.15) && rows.every(({ fold }) => fold === undefined)) return positional(random, rows, path, stem);
  const unknown = random.chance(0.15);
  const names = unknown ? [...unknownNames].sort(() => random.uniform() - 0.5) : [random.pick(pathNames), random.pick(labelNames)];
  const [pathColumn, labelColumn] = [{ name: names[0]!, cells: path }, { name: names[1]!, cells: rows.map(({ label }) => label) }];
  const oneHot = !unknown && random.chance(0.1) ? oneHotColumns(random, rows) : undefined;
  const further = Array.from({ length: oneHot ? 0 : random.below(3) }, (_, index): Column => ({ name: ['width', 'notes', 'url of origin'][index]!, cells: rows.map(() => random.pick(['', '7', 'a test, on a train', 'x"y', '640'])) }));
  const columns = shuffled(random, [pathColumn, ...(oneHot ?? [labelColumn]), ...splits.columns, ...further]);
  const oddLabels = oneHot !== undefined || splitCells(labelColumn.cells);
  const clear = !unknown && splits.clear && !oddLabels;
  const csv = { path: pathColumn.name, ...(!oneHot && { label: labelColumn.name }) };
  return { columns, header: true, clear, ...(!oneHot && splits.sayable && { answer: { csv, ...splits.answer } }) };
}

/** Labels that alone or in parts could be something else: asking is right. */
const splitCells = (cells: readonly string[]): boolean => cells.some((cell) => ['train', 'true', 'b|c', 'a, b', 'x;y'].includes(cell));

function positional(random: Random, rows: readonly Row[], path: readonly string[], stem: boolean): Table {
  const words: Record<Split, string> = random.pick([{ train: 'train', val: 'val', test: 'test' }, { train: 'Training', val: 'validation', test: 'TEST' }]);
  const split = rows.some((row) => row.split !== undefined);
  const columns = [{ name: '', cells: [...path] }, { name: '', cells: rows.map(({ label }) => label) }, ...(split ? [{ name: '', cells: rows.map((row) => words[row.split!]) }] : [])];
  return { columns, header: false, clear: !stem && !splitCells(columns[1]!.cells) };
}

function oneHotColumns(random: Random, rows: readonly Row[]): Column[] {
  const [yes, no] = random.pick([['1', '0'], ['1.0', '0.0'], ['True', 'False']]);
  return [...new Set(rows.map(({ label }) => label))].map((label) => ({ name: label, cells: rows.map((row) => (row.label === label ? yes! : no!)) }));
}

interface Splits {
  columns: Column[];
  clear: boolean;
  /** Whether an answer can be given, and which. */
  sayable: boolean;
  answer: ReadingOptions;
}

function splitColumns(random: Random, rows: readonly Row[]): Splits {
  if (rows.some(({ fold }) => fold !== undefined)) return { columns: [{ name: random.pick(['fold', 'Fold', 'kfold', 'fold_id']), cells: rows.map(({ fold }) => fold!) }], clear: true, sayable: true, answer: {} };
  const held = [...new Set(rows.map(({ split }) => split))].filter((split): split is Split => split !== undefined && split !== 'train');
  if (rows.every(({ split }) => split === undefined)) return { columns: [], clear: true, sayable: true, answer: {} };
  // Not to train on, and nothing else said, is kept for the final test.
  const style = random.pick(['words', 'flags', 'codes', ...(held.length === 1 && held[0] === 'test' ? ['not train'] : [])]);
  if (style === 'words' || held.length === 0) {
    const words: Record<Split, string> = random.pick([{ train: 'train', val: 'val', test: 'test' }, { train: 'TRAIN', val: 'Valid', test: 'Testing' }, { train: 'training', val: 'dev', test: 'holdout' }, { train: 'train_set', val: 'val_set', test: 'test_set' }]);
    return { columns: [{ name: random.pick(['split', 'set', 'Subset', 'partition', 'Usage', 'phase', 'fold', 'whatever']), cells: rows.map(({ split }) => words[split!]) }], clear: true, sayable: true, answer: {} };
  }
  const [yes, no] = random.pick([['1', '0'], ['True', 'False'], ['yes', 'no'], ['TRUE', 'FALSE'], ['1.0', '0.0'], ['y', 'n']]);
  if (style === 'flags') {
    const names: Record<Split, readonly string[]> = { train: [], val: ['is_valid', 'valid', 'isVal', 'validation', 'in_val_set'], test: ['is_test', 'test', 'holdout', 'is_test_set', 'Test Set'] };
    return { columns: held.map((split) => ({ name: random.pick(names[split]), cells: rows.map((row) => (row.split === split ? yes! : no!)) })), clear: true, sayable: true, answer: {} };
  }
  if (style === 'not train') return { columns: [{ name: random.pick(['is_train', 'train', 'is_training_img']), cells: rows.map(({ split }) => (split === 'train' ? yes! : no!)) }], clear: true, sayable: true, answer: {} };
  const codes: Record<Split, string> = random.pick([{ train: '0', val: '1', test: '2' }, { train: 'A', val: 'B', test: 'C' }]);
  const given = [...new Set(rows.map(({ split }) => split!))];
  return {
    columns: [{ name: random.pick(['split', 'partition', 'set']), cells: rows.map(({ split }) => codes[split!]) }], clear: false, sayable: true,
    answer: { split: Object.fromEntries(given.map((split) => [codes[split], split])) },
  };
}

function written(random: Random, { columns, header }: Table): Buffer {
  const mark = random.pick([',', ',', ';', '\t']);
  const always = random.chance(0.3);
  const cell = (text: string) => (always || text.includes(mark) || /["\r\n]/.test(text) || /^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = [...(header ? [columns.map(({ name }) => cell(name))] : []), ...columns[0]!.cells.map((_, row) => columns.map(({ cells }) => cell(cells[row]!)))];
  const end = random.pick(['\n', '\r\n']);
  const trailing = random.chance(0.1) ? mark : '';
  const text = lines.map((line) => line.join(mark) + trailing).join(random.chance(0.1) ? `${end}${end}` : end) + (random.chance(0.8) ? end : '');
  const latin = [...text].every((letter) => letter.charCodeAt(0) < 256);
  const encoding = random.pick(['utf8', 'utf8', 'mark', 'utf16le', ...(latin ? ['latin1'] : [])]);
  if (encoding === 'mark') return Buffer.from(`\ufeff${text}`);
  return encoding === 'utf16le' ? Buffer.from(`\ufeff${text}`, 'utf16le') : Buffer.from(text, encoding as 'utf8' | 'latin1');
}

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  return list.map((item) => ({ item, at: random.uniform() })).sort((a, b) => a.at - b.at).map(({ item }) => item);
}
