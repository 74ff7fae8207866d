import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import { testNorm } from '../../../test/conformance/norm.js';
import { GroupNorm } from './group-norm.js';

describe('group-norm', () => {
  testNorm('group-norm', () => new GroupNorm());

  it('refuses channels that cannot be parted', () => {
    expect(() => new GroupNorm({ groups: 3 }).build([null, 2, 2, 4])).toThrow('4 channels cannot be parted into 3 groups');
  });
});
