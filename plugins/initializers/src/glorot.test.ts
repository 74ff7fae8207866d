import '../../../test/conformance/backend.js';
import { describe } from '@jest/globals';
import { instance } from '../../../test/conformance/instance.js';
import { hasTheVariance } from '../../../test/conformance/variance.js';
import { Glorot } from './glorot.js';

const both = (['normal', 'uniform'] as const).map((distribution) => ({ distribution, options: { distribution } }));

describe('glorot: variance 2 / (fanIn + fanOut)', () => {
  hasTheVariance((options) => instance(Glorot, options), both, ({ fanIn, fanOut }) => 2 / (fanIn + fanOut));
});
