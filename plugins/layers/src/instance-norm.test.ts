import '../../../test/conformance/backend.js';
import { describe } from '@jest/globals';
import { testNorm } from '../../../test/conformance/norm.js';
import { InstanceNorm } from './instance-norm.js';

describe('instance-norm', () => testNorm('instance-norm', () => new InstanceNorm()));
