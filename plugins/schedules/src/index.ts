/** @cultivar/schedules: the rate as a function of where training is. One file for each. */
import { definePlugin } from '@cultivar/sdk';
import { Constant } from './constant.js';
import { Cosine } from './cosine.js';
import { Step } from './step.js';

export { Constant, Cosine, Step };
export default definePlugin({ name: '@cultivar/schedules', contributions: [Constant, Cosine, Step] });
