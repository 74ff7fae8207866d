/** @cultivar/initializers: fresh weights. One file for each. */
import { definePlugin } from '@cultivar/sdk';
import { Glorot } from './glorot.js';
import { He } from './he.js';
import { Zeros } from './zeros.js';

export { Glorot, He, Zeros };
export default definePlugin({ name: '@cultivar/initializers', contributions: [Zeros, Glorot, He] });
