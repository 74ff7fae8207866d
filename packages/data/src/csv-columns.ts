/** Which columns of a table are what: by what they are called, and by what stands in them. */
import { failure, type CultivarError } from '@cultivar/sdk';
import { looksLikeImage } from './csv-files.js';
import { listed } from './class-names.js';
import { shellWord } from './layout-open.js';
import type { CsvColumns } from './reading.js';
import { splitColumns, type SplitColumn } from './csv-splits.js';
import type { Row } from './table.js';

export interface Columns {
  path: number;
  label: number;
  /** Columns of 0 and 1, one a class, in place of `label`. */
  oneHot?: readonly number[];
  splits: readonly SplitColumn[];
  fold?: number;
  /** As they are told; `column 1` where there is no header. */
  names: readonly string[];
  /** Rows without the header. */
  rows: readonly Row[];
  /** Names of columns that are not used. */
  unused: string[];
  header: boolean;
  /** How many columns there are; what stands in further ones is a mistake. */
  width: number;
}

const pathNames = new Set(('path paths file files filename filenames filepath filepaths fname fn image images img imgs imagepath imgpath imagefile imgfile imagefilename imagename imgname imagefilepath ' +
  'relpath relativepath fullpath filelocation photo photopath picture imagepaths imagefiles').split(' '));
const identifierNames = new Set('imageid imgid imageindex idcode id isicid fileid photoid name uuid'.split(' '));
const labelNames = new Set(('label labels class classes classname classlabel classid labelname labelid category categories categoryname categoryid target targets targetclass groundtruth gt ' +
  'breed species variety diagnosis dx emotion y tag tags annotation kind findinglabels').split(' '));
const known = (name: string) => name.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

/** How many rows are looked at to tell which of two columns holds the files. */
const looked = 5;

/**
 * @param exists whether a cell is the path of a file
 * @throws CultivarError DATA_CSV, DATA_CSV_COLUMNS
 */
export async function findColumns(path: string, rows: readonly Row[], wanted: CsvColumns, exists: (cell: string) => Promise<boolean>): Promise<Columns> {
  const first = rows[0]!.cells;
  const isFile = async (cell: string | undefined) => cell !== undefined && cell !== '' && (looksLikeImage(cell) || await exists(cell));
  const open = (reason: string, names: readonly string[]) => openColumns(path, reason, names);
  const header = await hasHeader(first, wanted, isFile);
  const width = Math.max(...rows.map(({ cells }) => cells.length));
  const names = header ? named(first, width) : Array.from({ length: width }, (_, index) => `column ${index + 1}`);
  const body = header ? rows.slice(1) : rows;
  if (body.length === 0) throw failure('DATA_CSV', { path, line: 1, reason: 'it lists no image' });

  const chosen = (text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const trimmed = text.trim();
    const byName = names.findIndex((name) => header && name === trimmed);
    const found = byName >= 0 ? byName : names.findIndex((name) => header && name.toLowerCase() === trimmed.toLowerCase());
    const byNumber = /^\d+$/.test(trimmed) ? Number(trimmed) - 1 : -1;
    const index = found >= 0 ? found : byNumber;
    if (index < 0 || index >= width) throw open(`there is no column ${trimmed}`, names);
    return index;
  };
  const choice: Choice = {
    path: chosen(wanted.path), split: wanted.split === 'none' ? 'none' : chosen(wanted.split), fold: chosen(wanted.fold),
    labels: wanted.label === undefined ? undefined : names.includes(wanted.label.trim()) ? [chosen(wanted.label)!] : wanted.label.split('|').map((part) => chosen(part)!),
  };
  if (!header && choice.path === undefined && choice.labels === undefined) return positional(path, body, names, choice, isFile);
  return byNames({ path, names, body, choice, header, width: first.findLastIndex((cell) => cell !== '') + 1, isFile, open });
}

interface Choice {
  path?: number;
  labels?: number[];
  split?: number | 'none';
  fold?: number;
}

async function hasHeader(first: readonly string[], wanted: CsvColumns, isFile: (cell: string | undefined) => Promise<boolean>): Promise<boolean> {
  const names = first.map(known);
  if (names.some((name) => pathNames.has(name) || identifierNames.has(name)) && names.some((name) => labelNames.has(name))) return true;
  const given = Object.values(wanted).filter((name) => name !== undefined && name !== 'none').flatMap((name) => String(name).split('|')).map((name) => name.trim());
  if (given.some((name) => first.some((cell) => cell.toLowerCase() === name.toLowerCase()))) return true;
  const number = /^\d+$/.test(wanted.path ?? '') ? Number(wanted.path) - 1 : undefined;
  if (number !== undefined) return !await isFile(first[number]);
  return !await isFile(first[0]) && !first.some((cell) => looksLikeImage(cell));
}

function named(first: readonly string[], width: number): string[] {
  return Array.from({ length: width }, (_, index) => first[index] ?? '');
}

/** path, label and perhaps split, in this order. */
async function positional(path: string, rows: readonly Row[], names: readonly string[], choice: Choice, isFile: (cell: string | undefined) => Promise<boolean>): Promise<Columns> {
  const { cells, line } = rows[0]!;
  if (!await isFile(cells[0])) throw openColumns(path, `the first line is no header, and its first cell, ${cells[0] || 'which is empty'}, is no file`, names);
  const used = cells.findLastIndex((cell) => cell !== '') + 1;
  if (used > 3) throw failure('DATA_CSV', { path, line, reason: `${used} columns where 2 or 3 are expected in a file without a header` });
  const splits: SplitColumn[] = choice.split !== 'none' && rows.some(({ cells: row }) => (row[2] ?? '') !== '') ? [{ column: choice.split ?? 2, name: 'the third column', kind: 'words' }] : [];
  return { path: 0, label: 1, splits, ...(choice.fold !== undefined && { fold: choice.fold }), names, rows, unused: [], header: false, width: Math.max(3, choice.fold ?? 0) };
}

interface Naming {
  path: string;
  names: readonly string[];
  body: readonly Row[];
  choice: Choice;
  header: boolean;
  width: number;
  isFile: (cell: string | undefined) => Promise<boolean>;
  open: (reason: string, names: readonly string[]) => CultivarError;
}

async function byNames({ path, names, body, choice, header, width, isFile, open }: Naming): Promise<Columns> {
  const all = names.map((_, index) => index).filter((index) => header ? names[index] !== '' || body.some(({ cells }) => (cells[index] ?? '') !== '') : true);
  const called = (kind: ReadonlySet<string>, among: readonly number[]) => among.filter((index) => header && kind.has(known(names[index]!)));
  const pathColumn = choice.path ?? await pathColumnOf(called(pathNames, all), called(identifierNames, all), body, isFile);
  if (pathColumn === undefined) throw open(called(pathNames, all).length > 1 ? `more than one could be the path: ${listed(called(pathNames, all).map((index) => names[index]!))}` : 'none of them is known as the path of the image', names);
  const rest = all.filter((index) => index !== pathColumn);
  const taken = new Set<number | string | undefined>([...(choice.labels ?? []), choice.fold]);
  const labelsByName = choice.labels ?? labelColumnsOf(called(labelNames, rest.filter((index) => index !== choice.split && index !== choice.fold)), body);
  const { splits, fold } = splitColumns({ path, names, rows: body, columns: rest.filter((index) => !taken.has(index) && (choice.labels !== undefined || !labelsByName.includes(index))), header, chosen: choice.split, fold: choice.fold });
  const ofSplit = new Set([...splits.map(({ column }) => column), fold]);
  const others = rest.filter((index) => !ofSplit.has(index));
  const labels = labelsByName.filter((index) => !ofSplit.has(index));
  const base = { path: pathColumn, splits, ...(fold !== undefined && { fold }), names, rows: body, header, width };
  const unused = (used: readonly number[]) => others.filter((index) => !used.includes(index) && names[index] !== '').map((index) => names[index]!);
  if (labels.length === 1) return { ...base, label: labels[0]!, unused: unused(labels) };
  if (labels.length > 1) {
    if (choice.labels === undefined) throw open(`more than one could be the label: ${listed(labels.map((index) => names[index]!))}`, names);
    return { ...base, label: -1, oneHot: labels, unused: unused(labels) };
  }
  const flags = others.filter((index) => names[index] !== '' && body.every(({ cells }) => isFlag(cells[index])));
  if (flags.length > 1 && flags.length === others.filter((index) => names[index] !== '').length) return { ...base, label: -1, oneHot: flags, unused: [] };
  throw open('none of them is known as the label', names);
}

/** Of names that mean a path the one that holds files; a mere identifier has to be the name of a file. */
async function pathColumnOf(paths: readonly number[], identifiers: readonly number[], rows: readonly Row[], isFile: Naming['isFile']): Promise<number | undefined> {
  if (paths.length === 1) return paths[0];
  const holding: number[] = [];
  for (const column of paths.length > 0 ? paths : identifiers) {
    for (const { cells } of rows.slice(0, looked)) {
      if (!await isFile(cells[column])) continue;
      holding.push(column);
      break;
    }
  }
  return holding.length === 1 ? holding[0] : undefined;
}

/** Where a number and a name stand for the same classes, the name. */
function labelColumnsOf(columns: readonly number[], rows: readonly Row[]): number[] {
  if (columns.length < 2) return [...columns];
  const numeric = (column: number) => rows.every(({ cells }) => /^-?\d+(\.\d+)?$/.test(cells[column] ?? ''));
  const names = columns.filter((column) => !numeric(column));
  if (names.length !== 1) return [...columns];
  const name = names[0]!;
  const alike = columns.every((column) => {
    const to = new Map<string, string>();
    const from = new Map<string, string>();
    return rows.every(({ cells }) => {
      const [one = '', other = ''] = [cells[column], cells[name]];
      if (!to.has(one)) to.set(one, other);
      if (!from.has(other)) from.set(other, one);
      return to.get(one) === other && from.get(other) === one;
    });
  });
  return alike ? [name] : [...columns];
}

export function isFlag(cell: string | undefined): boolean {
  return /^(?:[01](?:\.0+)?|true|false)$/i.test(cell ?? '');
}

/** @throws always: DATA_CSV_COLUMNS */
export function openColumns(path: string, reason: string, names: readonly string[]): CultivarError {
  const words = names.filter((name) => name !== '');
  return failure('DATA_CSV_COLUMNS', { path, reason, columns: listed(words, 30), example: shellWord(`path=${words[0] ?? 'path'},label=${words[1] ?? 'label'}`) });
}
