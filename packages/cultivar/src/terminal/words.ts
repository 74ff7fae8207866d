/** Numbers and lists as people read them. */
import { isFigure } from '@cultivar/sdk';

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

/**
 * Columns padded to their widest cell.
 * @param rows all of the same length; @param align for each column, `right` for numbers
 */
export function table(rows: string[][], align: ('left' | 'right')[] = []): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => row.map((cell, column) => {
    const width = widths[column] ?? 0;
    return align[column] === 'right' ? cell.padStart(width) : cell.padEnd(width);
  }).join('  ').trimEnd());
}

/** A word of a command line as a shell is to be given it. */
export function quoted(word: string): string {
  return /[^\w./@%+=:,~-]/.test(word) ? `"${word}"` : word;
}

/** Cuts a text that would not fit. */
export function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
