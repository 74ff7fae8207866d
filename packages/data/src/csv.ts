/**
 * A table of images: columns for path, label and, where there are such, split and folds, named in a first line or in this order.
 * Paths are taken from the folder of the file, or from a folder below it that holds them.
 */
import { dirname } from 'node:path';
import { failure, type CultivarError } from '@cultivar/sdk';
import { listed } from './class-names.js';
import { findColumns, isFlag, type Columns } from './csv-columns.js';
import { ListedFiles, type ListedFile } from './csv-files.js';
import { splitOfRow } from './csv-splits.js';
import { byCodePoint, type Candidate, type Split } from './dataset.js';
import type { ReadingOptions, Understood } from './reading.js';
import { splitOf } from './roles.js';
import { readTable, type Row } from './table.js';

export interface FoundInCsv {
  /** One an image, sorted by name. */
  candidates: Candidate[];
  understood: Understood;
}

/** @throws CultivarError DATA_CSV with the line, DATA_CSV_COLUMNS, DATA_CSV_SPLIT, DATA_SPLIT_UNKNOWN, DATA_UNREADABLE */
export async function findInCsv(path: string, options: ReadingOptions = {}, signal?: AbortSignal): Promise<FoundInCsv> {
  const { rows, encoding } = await readTable(path);
  if (rows.length === 0) throw failure('DATA_CSV', { path, line: 1, reason: 'it is empty' });
  const files = new ListedFiles(dirname(path));
  const columns = await findColumns(path, rows, options.csv ?? {}, async (cell) => !isUrl(cell) && (await files.find(cell)).exists);
  return await new TableReader(path, files, columns, options, signal).read(encoding);
}

interface Told {
  label: string;
  use: string;
  line: number;
}

class TableReader {
  private readonly seen = new Map<string, Told>();
  private readonly candidates: Candidate[] = [];
  private readonly bases = new Set<string>();
  private ignored = 0;
  private open = 0;

  constructor(
    private readonly path: string, private readonly files: ListedFiles, private readonly columns: Columns,
    private readonly options: ReadingOptions, private readonly signal?: AbortSignal,
  ) {}

  async read(encoding: string | undefined): Promise<FoundInCsv> {
    this.checkGiven();
    for (const row of this.columns.rows) await this.readRow(row);
    if (this.candidates.length === 0) throw this.wrong(this.columns.rows[0]!, 'it lists no image');
    this.checkOneLabel();
    const notes = [
      ...(encoding ? [`the CSV file is not UTF-8 and was read as ${encoding === 'windows-1252' ? 'Windows-1252' : encoding.toUpperCase()}`] : []),
      ...([...this.bases].some((base) => base !== '') ? [`paths of the CSV file are taken from ${listed([...this.bases].sort(byCodePoint).map((base) => `${base || '.'}/`))}`] : []),
      ...(this.columns.splits.length > 0 && this.open > 0 && this.candidates.some(({ split }) => split !== undefined) ? [`${this.open} line${this.open === 1 ? '' : 's'} without a split ${this.open === 1 ? 'is' : 'are'} to train on`] : []),
      ...(this.columns.unused.length > 0 ? [`columns that are not used: ${listed(this.columns.unused, 12)}`] : []),
    ];
    const leftOut = this.ignored > 0 ? [`${this.ignored} line${this.ignored === 1 ? ' is' : 's are'} not used, as asked for`] : [];
    this.candidates.sort((a, b) => byCodePoint(a.name, b.name));
    return { candidates: this.candidates, understood: { parts: this.parts(), notes, leftOut } };
  }

  private async readRow(row: Row): Promise<void> {
    this.signal?.throwIfAborted();
    const { columns: { path: pathColumn, splits, fold: foldColumn, names, header, width } } = this;
    const { cells } = row;
    const place = cells[pathColumn] ?? '';
    if (place === '') throw this.wrong(row, 'the path is missing');
    if (cells.findLastIndex((cell) => cell !== '') >= width) throw this.wrong(row, `it has more cells than ${header ? 'the header has columns' : 'the first line'}; quote cells that hold the delimiter`);
    if (isUrl(place)) throw this.wrong(row, `${place} is a URL; images are read from the disk`);
    const label = this.label(row);
    const foldCell = foldColumn === undefined ? '' : cells[foldColumn] ?? '';
    let split = splitOfRow(splits, cells, this.options.split, (reason) => this.wrong(row, reason));
    const foldUse = foldCell === '' ? undefined : this.given(foldCell) ?? splitOf(foldCell);
    split ??= foldUse;
    if (split === 'ignore') {
      this.ignored += 1;
      return;
    }
    if (split === undefined && foldCell === '') this.open += 1;
    if (foldColumn !== undefined && foldCell === '' && split === undefined) throw this.wrong(row, `the fold is missing in column ${names[foldColumn]}`);
    const fold = foldCell !== '' && foldUse === undefined ? foldCell : undefined;
    this.add(row, place, await this.files.find(place), { label, ...(split && { split }), ...(fold !== undefined && { fold }) });
  }

  private add(row: Row, place: string, { path, name, exists, base, doubt }: ListedFile, told: { label: string; split?: Split; fold?: string }): void {
    if (doubt) throw this.wrong(row, `${place} may be ${listed(doubt)}`);
    if (exists) this.bases.add(base ?? '');
    const use = JSON.stringify([told.split, told.fold]);
    const before = this.seen.get(path);
    if (before?.label === told.label && before.use === use) return;
    if (before) {
      const differs = before.label === told.label ? 'in another part of the split' : `with another label, ${before.label}`;
      throw this.wrong(row, `${place} stands in an earlier line (${before.line}) ${differs}`);
    }
    this.seen.set(path, { label: told.label, use, line: row.line });
    this.candidates.push({ path, name, ...told });
  }

  private label(row: Row): string {
    const { label, oneHot, names } = this.columns;
    if (!oneHot) {
      const text = row.cells[label] ?? '';
      if (text === '') throw this.wrong(row, 'the label is missing');
      return text;
    }
    const strange = oneHot.find((column) => !isFlag(row.cells[column]));
    if (strange !== undefined) throw this.wrong(row, `"${row.cells[strange] ?? ''}" in column ${names[strange]} is neither 0 nor 1`);
    const set = oneHot.filter((column) => /^(?:1|true)/i.test(row.cells[column]!));
    if (set.length !== 1) throw this.wrong(row, set.length === 0 ? 'none of its class columns is 1' : `it is of several classes, ${listed(set.map((column) => names[column]!))}; one label an image is what can be learned`);
    return names[set[0]!]!;
  }

  /** Cells that hold several labels. @throws CultivarError DATA_CSV */
  private checkOneLabel(): void {
    const labels = new Map<string, number>();
    for (const { label, line } of this.seen.values()) labels.set(label, Math.min(line, labels.get(label) ?? line));
    for (const [label, line] of labels) {
      for (const mark of ['|', ';', ',', ' ']) {
        const parts = label.split(mark).map((part) => part.trim()).filter((part) => part !== '');
        if (parts.length < 2 || new Set(parts).size < parts.length) continue;
        if (mark === ',' && /^[[{].*[\]}]$/.test(label)) throw this.severalLabels(label, line);
        const other = (part: string) => labels.has(part) || (mark !== ' ' && mark !== ',' && [...labels.keys()].some((one) => one !== label && one.split(mark).some((piece) => piece.trim() === part)));
        if (mark === '|' || mark === ';' ? parts.some(other) : parts.every(other)) {
          throw this.severalLabels(label, line);
        }
      }
    }
  }

  private severalLabels(label: string, line: number): CultivarError {
    return failure('DATA_CSV', { path: this.path, line, reason: `"${label}" holds several labels; one label an image is what can be learned` });
  }

  /** @throws CultivarError DATA_SPLIT_UNKNOWN where a use is given to a value that no cell has */
  private checkGiven(): void {
    const { rows, splits, fold } = this.columns;
    const columns = [...splits.filter(({ kind }) => kind === 'words').map(({ column }) => column), ...(fold === undefined ? [] : [fold])];
    const values = new Set(columns.flatMap((column) => rows.map(({ cells }) => cells[column] ?? '')));
    const unknown = Object.keys(this.options.split ?? {}).find((name) => !values.has(name));
    if (unknown !== undefined) throw failure('DATA_SPLIT_UNKNOWN', { path: this.path, name: unknown, known: listed([...values].filter((value) => value !== ''), 20) || 'none' });
  }

  private given(value: string): Split | 'ignore' | undefined {
    const { split = {} } = this.options;
    return Object.hasOwn(split, value) ? split[value] : undefined;
  }

  private parts(): Understood['parts'] {
    const parts = new Map<string, Understood['parts'][number]>();
    for (const { split, fold } of this.candidates) {
      if (fold !== undefined && split === undefined) parts.set(`fold ${fold}`, { name: fold, fold });
      else if (split !== undefined) parts.set(split, { name: split, split });
    }
    return [...parts.values()];
  }

  private wrong({ line }: Row, reason: string): CultivarError {
    return failure('DATA_CSV', { path: this.path, line, reason });
  }
}

const isUrl = (cell: string): boolean => /^[a-z][a-z0-9+.-]+:\/\//i.test(cell) && !/^file:/i.test(cell);
