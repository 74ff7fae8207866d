import { describe, expect, it } from '@jest/globals';
import { figure, percent, signed, significant } from './figures.js';

const nothing = [null, undefined, Number.NaN, Infinity, -Infinity, Number.MAX_VALUE, -Number.MAX_VALUE];

describe('figures', () => {
  it('are none where there is none', () => {
    for (const write of [figure, significant, percent, signed]) expect(nothing.map((value) => write(value))).toEqual(nothing.map(() => 'none'));
  });

  it('are rounded, and a zero has no sign', () => {
    expect([0.94123, -0.00001, -0, 12, 1e30].map((value) => figure(value))).toEqual(['0.9412', '0.0000', '0.0000', '12.0000', '1.00e+30']);
    expect([0.9412, -0.0001, 1, 0].map((value) => percent(value))).toEqual(['94.1 %', '0.0 %', '100.0 %', '0.0 %']);
    expect([0.00094123, 0, -0, 1234].map((value) => significant(value))).toEqual(['0.00094', '0', '0', '1.2e+3']);
    expect([0.02, -0.02, 0, 1e-9, -1e-9].map((value) => signed(value))).toEqual(['+0.0200', '-0.0200', '0.0000', '0.0000', '0.0000']);
  });

  it('never look like what they are not, whatever the number', () => {
    for (let exponent = -330; exponent < 330; exponent += 1) {
      for (const value of [10 ** exponent, -(10 ** exponent), 1 / 10 ** exponent]) {
        for (const text of [figure(value), percent(value), significant(value), signed(value)]) expect([value, text]).toEqual([value, expect.not.stringMatching(/NaN|Infinity|^-0\.0+( %)?$/)]);
      }
    }
  });
});
