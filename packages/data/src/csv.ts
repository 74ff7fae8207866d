/**
 * A table of images: the columns path, label and, where wanted, split, in this order or named in a first line.
 * Paths are taken from the folder of the file. Commas, semicolons or tabs separate; UTF-8; quotes as in RFC 4180.
 */
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { failure } from '@cultivar/sdk';
import { CsvError, parse } from 'csv-parse/sync';
import { byCodePoint, splitOf, type Candidate } from './dataset.js';
import { fileErrorReason, isFileError } from './image-problem.js';

interface Row {
  record: string[];
  info: { lines: number };
}

const columnNames = {
  path: ['path', 'file', 'filename', 'file_name', 'filepath', 'image', 'image_path'],
  label: ['label', 'class', 'class_name', 'category', 'target'],
  split: ['split', 'set', 'subset', 'partition', 'fold'],
};

/**
 * @returns one candidate a line, sorted by name
 * @throws CultivarError DATA_CSV with the line, DATA_UNREADABLE
 */
export async function findInCsv(path: string): Promise<Candidate[]> {
  const rows = parseRows(path, await readText(path));
  const wrong = (line: number, reason: string) => failure('DATA_CSV', { path, line, reason });
  if (rows.length === 0) throw wrong(1, 'it is empty');
  const columns = readHeader(rows[0]!.record);
  const folder = dirname(path);
  const seen = new Map<string, string>();
  const candidates: Candidate[] = [];
  for (const { record, info } of columns ? rows.slice(1) : rows) {
    const cell = (column: number | undefined) => (column === undefined ? '' : (record[column] ?? '').trim());
    const { path: pathColumn, label: labelColumn, split: splitColumn } = columns ?? { path: 0, label: 1, split: 2 };
    const [place, label, splitName] = [cell(pathColumn), cell(labelColumn), cell(splitColumn)];
    if (!columns && record.length > 3) throw wrong(info.lines, `${record.length} columns where 2 or 3 are expected`);
    if (!place) throw wrong(info.lines, 'the path is missing');
    if (!label) throw wrong(info.lines, 'the label is missing');
    const split = splitOf(splitName);
    if (splitName && !split) throw wrong(info.lines, `"${splitName}" is not train, val or test`);
    const absolute = resolve(folder, place);
    const told = `${label}\n${split ?? ''}`;
    const before = seen.get(absolute);
    if (before === told) continue;
    if (before !== undefined) throw wrong(info.lines, `${place} stands in an earlier line with another label or split`);
    seen.set(absolute, told);
    candidates.push({ path: absolute, name: nameOf(folder, absolute), label, ...(split && { split }) });
  }
  if (candidates.length === 0) throw wrong(1, 'it lists no image');
  return candidates.sort((a, b) => byCodePoint(a.name, b.name));
}

function nameOf(folder: string, absolute: string): string {
  const name = relative(folder, absolute);
  return (isAbsolute(name) ? absolute : name).split(sep).join('/');
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isFileError(error)) throw failure('DATA_UNREADABLE', { path, reason: fileErrorReason(error) }, error);
    throw error;
  }
}

function parseRows(path: string, text: string): Row[] {
  if (text.includes('\0')) throw failure('DATA_CSV', { path, line: 1, reason: 'it is not text' });
  const firstLine = text.slice(0, text.search(/\r?\n|$/));
  const delimiter = [',', ';', '\t'].find((mark) => firstLine.includes(mark)) ?? ',';
  try {
    return parse(text, { bom: true, delimiter, info: true, relax_column_count: true, skip_empty_lines: true, skip_records_with_empty_values: true }) as unknown as Row[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw failure('DATA_CSV', { path, line: Number(error['lines'] ?? 1), reason: error.message }, error);
  }
}

/** @returns column numbers if the first line names path and label */
function readHeader(record: string[]): { path: number; label: number; split?: number } | undefined {
  const names = record.map((name) => name.trim().toLowerCase());
  const find = (known: string[]) => names.findIndex((name) => known.includes(name));
  const [path, label, split] = [find(columnNames.path), find(columnNames.label), find(columnNames.split)];
  return path < 0 || label < 0 ? undefined : { path, label, ...(split >= 0 && { split }) };
}
