import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import { followsItsScheduler } from '../../../test/conformance/course.js';
import { instance } from '../../../test/conformance/instance.js';
import { Constant } from './constant.js';

describe('constant', () => {
  followsItsScheduler('constant', (options) => instance(Constant, options));

  it('is one throughout', () => {
    expect(new Constant().at()).toBe(1);
  });
});
