/** @cultivar/regularizers: against learning by heart. One file for each. */
import { definePlugin } from '@cultivar/sdk';
import { ClipByNorm } from './clip-by-norm.js';
import { ClipByValue } from './clip-by-value.js';
import { DropConnect } from './drop-connect.js';
import { Dropout } from './dropout.js';
import { EarlyStopping } from './early-stopping.js';
import { Elastic } from './elastic.js';
import { L1 } from './l1.js';
import { L2 } from './l2.js';
import { LabelSmoothing } from './label-smoothing.js';
import { LossThreshold } from './loss-threshold.js';
import { MaxNorm } from './max-norm.js';
import { StochasticDepth } from './stochastic-depth.js';
import { WeightNoise } from './weight-noise.js';

export { ClipByNorm, ClipByValue, DropConnect, Dropout, EarlyStopping, Elastic, L1, L2, LabelSmoothing, LossThreshold, MaxNorm, StochasticDepth, WeightNoise };
export default definePlugin({ name: '@cultivar/regularizers', contributions: [
  L1, L2, Elastic, MaxNorm, Dropout, DropConnect, StochasticDepth, WeightNoise, LabelSmoothing, EarlyStopping, LossThreshold, ClipByNorm, ClipByValue,
] });
