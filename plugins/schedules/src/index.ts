/** @cultivar/schedules: the rate as a function of where training is. One file for each. */
import { definePlugin } from '@cultivar/sdk';
import { Constant } from './constant.js';
import { CosineRestarts } from './cosine-restarts.js';
import { Cosine } from './cosine.js';
import { Cyclic } from './cyclic.js';
import { Exponential } from './exponential.js';
import { InverseTime } from './inverse-time.js';
import { OneCycle } from './one-cycle.js';
import { Polynomial } from './polynomial.js';
import { RangeTest } from './range-test.js';
import { ReduceOnPlateau } from './reduce-on-plateau.js';
import { Step } from './step.js';
import { WarmUp } from './warm-up.js';

export { Constant, Cosine, CosineRestarts, Cyclic, Exponential, InverseTime, OneCycle, Polynomial, RangeTest, ReduceOnPlateau, Step, WarmUp };
export default definePlugin({
  name: '@cultivar/schedules',
  contributions: [Constant, Step, Exponential, InverseTime, Polynomial, Cosine, CosineRestarts, Cyclic, OneCycle, WarmUp, ReduceOnPlateau, RangeTest],
});
