/** @cultivar/metrics: numbers about predictions. One file for each. */
import { definePlugin } from '@cultivar/sdk';
import { AreaUnderCurve } from './auc.js';
import { AveragePrecision } from './average-precision.js';
import { BalancedAccuracy } from './balanced-accuracy.js';
import { BrierScore } from './brier-score.js';
import { MacroF1 } from './macro-f1.js';

export { AreaUnderCurve, AveragePrecision, BalancedAccuracy, BrierScore, MacroF1 };
export default definePlugin({ name: '@cultivar/metrics', contributions: [BalancedAccuracy, MacroF1, AreaUnderCurve, AveragePrecision, BrierScore] });
