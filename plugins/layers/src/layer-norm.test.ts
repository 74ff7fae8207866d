import '../../../test/conformance/backend.js';
import { describe } from '@jest/globals';
import { testNorm } from '../../../test/conformance/norm.js';
import { LayerNorm } from './layer-norm.js';

describe('layer-norm', () => testNorm('layer-norm', () => new LayerNorm()));
