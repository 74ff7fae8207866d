/** @cultivar/optimizers: how a gradient becomes a step. One file for each. */
import { definePlugin } from '@cultivar/sdk';
import { Adam } from './adam.js';
import { Momentum } from './momentum.js';
import { SGD } from './sgd.js';

export { Adam, Momentum, SGD };
export default definePlugin({ name: '@cultivar/optimizers', contributions: [SGD, Momentum, Adam] });
