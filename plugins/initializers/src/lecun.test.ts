import '../../../test/conformance/backend.js';
import { describe } from '@jest/globals';
import { instance } from '../../../test/conformance/instance.js';
import { hasTheVariance } from '../../../test/conformance/variance.js';
import { LeCun } from './lecun.js';

const both = (['normal', 'uniform'] as const).map((distribution) => ({ distribution, options: { distribution } }));

describe('lecun: variance 1 / fanIn', () => {
  hasTheVariance((options) => instance(LeCun, options), both, ({ fanIn }) => 1 / fanIn);
});
