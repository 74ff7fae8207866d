import '../../../test/conformance/backend.js';
import { describe } from '@jest/globals';
import { instance } from '../../../test/conformance/instance.js';
import { hasTheVariance } from '../../../test/conformance/variance.js';
import { Normal } from './normal.js';

const deviations = [1, 0.01].map((deviation) => ({ distribution: 'normal' as const, options: { deviation } }));

describe('normal: variance deviation^2, whatever the layer', () => {
  hasTheVariance((options) => instance(Normal, options), deviations, (_fan, { deviation }) => (deviation as number) ** 2);
});
