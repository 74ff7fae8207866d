/** @cultivar/regularizers: against learning by heart. One file for each. */
import { definePlugin } from '@cultivar/sdk';
import { ClipByNorm } from './clip-by-norm.js';
import { ClipByValue } from './clip-by-value.js';
import { Dropout } from './dropout.js';
import { EarlyStopping } from './early-stopping.js';
import { L2 } from './l2.js';
import { LabelSmoothing } from './label-smoothing.js';

export { ClipByNorm, ClipByValue, Dropout, EarlyStopping, L2, LabelSmoothing };
export default definePlugin({ name: '@cultivar/regularizers', contributions: [L2, Dropout, LabelSmoothing, EarlyStopping, ClipByNorm, ClipByValue] });
