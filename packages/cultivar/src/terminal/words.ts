/** Numbers and lists as people read them. */
import { isFigure } from '@cultivar/sdk';
import { printable } from '@cultivar/sdk/internal';
import stringWidth from 'string-width';

export { figure, percent, signed, significant } from '@cultivar/sdk';

/** Seconds -> `8 s`, `1 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (!isFigure(seconds)) return 'none';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** 63.24 -> `63`, 6.32 -> `6.3`. */
export function rate(value: number): string {
  if (!isFigure(value)) return 'none';
  return value >= 10 ? value.toFixed(0) : value.toFixed(1);
}

/** `1 image`, `2 images`; the unit is given in the plural. */
export function counted(count: number, plural: string, singular = plural.replace(/s$/, '')): string {
  return `${count} ${count === 1 ? singular : plural}`;
}

/** Columns of a terminal that a text takes: none for what stands above a letter, two for Chinese, Japanese, Korean and emoji. */
export function width(text: string): number {
  return stringWidth(text);
}

/** Fills up with spaces to a width; what is wider stays as it is. */
export function padded(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, columns - width(text)));
  return align === 'right' ? space + text : text + space;
}

/**
 * Columns padded to their widest cell, which are printable then.
 * @param rows all of the same length; @param align for each column, `right` for numbers
 */
export function table(rows: string[][], align: ('left' | 'right')[] = []): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => width(row[column] ?? ''))));
  return cells.map((row) => row.map((cell, column) => padded(cell, widths[column] ?? 0, align[column])).join('  ').trimEnd());
}

/** A word of a command line as a shell is to be given it: nothing in it is run, whatever it is called. */
export function quoted(word: string): string {
  if (!/[^\w./@%+=:,~-]/.test(word)) return word;
  return process.platform === 'win32' || !/["$`\\!\n]/.test(word) ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`;
}

const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Cuts a text that would not fit into so many columns, between letters. */
export function shortened(text: string, columns: number): string {
  const whole = printable(text);
  if (width(whole) <= columns) return whole;
  let cut = '';
  let used = 0;
  for (const { segment } of letters.segment(whole)) {
    used += width(segment);
    if (used > columns - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}

/** A message as one line that a screen holds, whatever names are in it. */
export const bounded = (text: string): string => shortened(text, 2000);
