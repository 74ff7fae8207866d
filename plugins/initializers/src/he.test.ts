import '../../../test/conformance/backend.js';
import { describe } from '@jest/globals';
import { instance } from '../../../test/conformance/instance.js';
import { hasTheVariance } from '../../../test/conformance/variance.js';
import { He } from './he.js';

const both = (['normal', 'uniform'] as const).map((distribution) => ({ distribution, options: { distribution } }));

describe('he: variance 2 / fanIn', () => {
  hasTheVariance((options) => instance(He, options), both, ({ fanIn }) => 2 / fanIn);
});
