import { expect, it } from '@jest/globals';
import { meanOf, sideBySide } from './side-by-side.js';

it('joins tables row by row', () => {
  const one = { data: Float32Array.from([1, 2, 3, 4]), shape: [2, 2] };
  const other = { data: Float32Array.from([9, 8]), shape: [2, 1] };
  expect(sideBySide([one, other])).toEqual({ data: Float32Array.from([1, 2, 9, 3, 4, 8]), shape: [2, 3] });
  expect(sideBySide([one])).toEqual(one);
});

it('averages tables of one shape', () => {
  const one = { data: Float32Array.from([1, 2, 3, 4]), shape: [2, 2] };
  expect(meanOf([one, { data: Float32Array.from([3, 0, 3, -4]), shape: [2, 2] }])).toEqual({ data: Float32Array.from([2, 1, 3, 0]), shape: [2, 2] });
  expect(meanOf([one])).toEqual(one);
});
