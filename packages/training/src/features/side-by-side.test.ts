import { expect, it } from '@jest/globals';
import { sideBySide } from './side-by-side.js';

it('joins tables row by row', () => {
  const one = { data: Float32Array.from([1, 2, 3, 4]), shape: [2, 2] };
  const other = { data: Float32Array.from([9, 8]), shape: [2, 1] };
  expect(sideBySide([one, other])).toEqual({ data: Float32Array.from([1, 2, 9, 3, 4, 8]), shape: [2, 3] });
  expect(sideBySide([one])).toEqual(one);
});
