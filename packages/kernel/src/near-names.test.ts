import { describe, expect, it } from '@jest/globals';
import { didYouMean, nearNames } from './near-names.js';

const known = ['adam', 'adamw', 'momentum', 'rmsprop', 'sgd', 'label-smoothing'];

describe('nearNames', () => {
  it.each([
    ['adma', ['adam', 'adamw']],
    ['momnetum', ['momentum']],
    ['adan', ['adam']],
    ['Adam', ['adam']],
    ['adamx', ['adam', 'adamw']],
    ['momentun', ['momentum']],
    ['RMSProp', ['rmsprop']],
    ['labelSmoothing', ['label-smoothing']],
    ['smoothing', ['label-smoothing']],
    ['sgdm', ['sgd']],
    ['lion', []],
    ['', []],
    ['--', []],
  ])('%s: %j', (name, expected) => {
    expect(nearNames(name, known)).toEqual(expected);
  });

  it('says so in words', () => {
    expect(didYouMean('adamx', known)).toBe(' (did you mean adam or adamw?)');
    expect(didYouMean('lion', known)).toBe('');
  });
});
