import { describe, expect, it } from '@jest/globals';
import { bounded, counted, duration, padded, percent, quoted, rate, shortened, table, width } from './words.js';

describe('words', () => {
  it('durations', () => {
    expect([0.42, 9.96, 59.4, 80, 7500].map(duration)).toEqual(['0.4 s', '10 s', '59 s', '1 min 20 s', '2 h 5 min']);
  });
  it('counts', () => {
    expect([counted(1, 'images'), counted(2, 'images'), counted(1, 'classes', 'class')]).toEqual(['1 image', '2 images', '1 class']);
  });
  it('shares and rates', () => {
    expect([percent(0.9412), percent(Number.NaN), rate(63.24), rate(6.32)]).toEqual(['94.1 %', 'none', '63', '6.3']);
  });
  it('columns', () => {
    expect(table([['a', '1'], ['long', '100']], ['left', 'right'])).toEqual(['a       1', 'long  100']);
    expect(table([])).toEqual([]);
  });
  it('what does not fit', () => {
    expect(shortened('hymenoptera', 6)).toBe('hymen…');
    expect(shortened('楓楓楓楓', 5)).toBe('楓楓…');
    expect(shortened('👩‍🔬👩‍🔬👩‍🔬', 4)).toBe('👩‍🔬…');
    expect(shortened('\x1b[2J and more', 9)).toBe('\\x1b[2J …');
    expect(width(bounded('楓'.repeat(10_000)))).toBe(1999);
  });

  it('columns of what is wide, joined, or stands above a letter', () => {
    const lines = table([['楓', '1'], ['e\u0301rable', '2'], ['👩‍🔬', '3'], ['\x1b[31mred', '4'], ['a\nb', '5'], ['\u202egnp', '6']], ['left', 'right']);
    expect(new Set(lines.map(width)).size).toBe(1);
    expect(lines[0]).toBe('楓           1');
    expect(lines[3]).toBe('\\x1b[31mred  4');
    expect(padded('楓', 4, 'right')).toBe('  楓');
  });

  it('words for a shell run nothing', () => {
    if (process.platform === 'win32') return;
    expect(['a/b.jpg', 'my photos', '$(reboot)', "it's", '"', '`x`', 'a\nb'].map(quoted)).toEqual(['a/b.jpg', '"my photos"', "'$(reboot)'", '"it\'s"', "'\"'", "'`x`'", "'a\nb'"]);
  });
});
