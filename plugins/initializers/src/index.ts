/** @cultivar/initializers: fresh weights. One file for each. */
import { definePlugin } from '@cultivar/sdk';
import { Constant } from './constant.js';
import { Glorot } from './glorot.js';
import { He } from './he.js';
import { LeCun } from './lecun.js';
import { Normal } from './normal.js';
import { Orthogonal } from './orthogonal.js';
import { TruncatedNormal } from './truncated-normal.js';
import { Zeros } from './zeros.js';

export { Constant, Glorot, He, LeCun, Normal, Orthogonal, TruncatedNormal, Zeros };
export default definePlugin({
  name: '@cultivar/initializers',
  contributions: [Zeros, Constant, Normal, TruncatedNormal, LeCun, Glorot, He, Orthogonal],
});
