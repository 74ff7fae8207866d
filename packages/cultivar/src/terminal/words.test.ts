import { describe, expect, it } from '@jest/globals';
import { counted, duration, percent, rate, shortened, table } from './words.js';

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
  });
});
