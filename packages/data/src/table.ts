/** Text of rows and columns: told apart are UTF-8, UTF-16 and Windows-1252; commas, semicolons, tabs and bars; quotes as in RFC 4180. */
import { isUtf8 } from 'node:buffer';
import { failure } from '@cultivar/sdk';
import { CsvError, parse } from 'csv-parse/sync';
import { ImageProblem, isFileError } from './image-problem.js';
import { readImageFile } from './inspect.js';

export interface Row {
  /** Without the spaces around them. */
  cells: string[];
  /** From 1. */
  line: number;
}

export interface Table {
  rows: Row[];
  /** Where it is not UTF-8. */
  encoding?: string;
}

/** @throws CultivarError DATA_CSV with the line, DATA_UNREADABLE */
export async function readTable(path: string): Promise<Table> {
  const bytes = await readImageFile(path).catch((error: unknown) => {
    if (!(error instanceof ImageProblem)) throw error;
    if (isFileError(error.cause)) throw failure('DATA_UNREADABLE', { path, reason: error.message }, error);
    throw failure('DATA_CSV', { path, line: 1, reason: error.message }, error);
  });
  const { text, encoding } = decoded(bytes);
  if (text === undefined) throw failure('DATA_CSV', { path, line: 1, reason: 'it is not text; a folder of images or a CSV file that lists them is needed' });
  try {
    // A first line by which spreadsheets tell each other the delimiter.
    const told = /^\ufeff?"?sep=([,;|\t])"?\r?\n/i.exec(text);
    const rows = told ? rowsOf(text.slice(told[0].length), told[1]!).map((row) => ({ ...row, line: row.line + 1 })) : rowsOf(text, delimiterOf(text));
    return { rows, ...(encoding && { encoding }) };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw failure('DATA_CSV', { path, line: Number(error['lines'] ?? 1), reason: error.message.replace(/\.$/, '') }, error);
  }
}

function decoded(bytes: Buffer): { text?: string; encoding?: string } {
  const as = (encoding: string) => ({ text: new TextDecoder(encoding).decode(bytes), encoding });
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return as('utf-16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return as('utf-16be');
  const zero = bytes.subarray(0, 4096).indexOf(0);
  if (zero >= 0) {
    // ASCII in UTF-16 without a mark: every other byte is zero.
    const head = bytes.subarray(0, 400 - 400 % 2);
    const zeros = (from: number) => head.filter((byte, at) => at % 2 === from && byte === 0).length / (head.length / 2);
    if (zeros(1) > 0.6 && zeros(0) < 0.1) return as('utf-16le');
    if (zeros(0) > 0.6 && zeros(1) < 0.1) return as('utf-16be');
    return {};
  }
  if (bytes.includes(0)) return {};
  if (isUtf8(bytes)) return { text: new TextDecoder().decode(bytes) };
  return { text: windows1252(bytes), encoding: 'windows-1252' };
}

/** What differs from Latin-1. Node's own TextDecoder takes the two for one in several versions. */
const windowsLetters = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function windows1252(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[\u0080-\u009f]/g, (letter) => windowsLetters[letter.charCodeAt(0) - 0x80]!);
}

function rowsOf(text: string, delimiter: string, most?: number): Row[] {
  const found = parse(text, {
    bom: true, delimiter, info: true, relax_column_count: true, skip_empty_lines: true, skip_records_with_empty_values: true, trim: true, ...(most && { to: most }),
  }) as unknown as { record: string[]; info: { lines: number } }[];
  return found.map(({ record, info }) => ({ cells: record.map((cell) => cell.trim()), line: info.lines }));
}

const looked = 50;

/** The mark that cuts most of the first rows into the same number of columns, two at least. */
function delimiterOf(text: string): string {
  const head = text.split('\n', 4 * looked).join('\n');
  let best = { mark: ',', score: 0 };
  for (const mark of [',', ';', '\t', '|']) {
    if (mark === '|' && best.score > 0) break;
    const score = scoreOf(head, mark);
    if (score > best.score) best = { mark, score };
  }
  return best.mark;
}

function scoreOf(text: string, mark: string): number {
  try {
    const widths = rowsOf(text, mark, looked).map(({ cells }) => cells.length);
    const width = widths[0] ?? 0;
    return width < 2 ? 0 : widths.filter((other) => other === width).length / widths.length + Math.min(width, 99) / 1000;
  } catch (error) {
    if (error instanceof CsvError) return text.split('\n', 1)[0]!.includes(mark) ? 0.01 : 0;
    throw error;
  }
}
