/** @cultivar/optimizers: how a gradient becomes a step. One file for each. */
import { definePlugin } from '@cultivar/sdk';
import { Adadelta } from './adadelta.js';
import { Adagrad } from './adagrad.js';
import { Adam } from './adam.js';
import { Adamax } from './adamax.js';
import { AdamW } from './adamw.js';
import { Lion } from './lion.js';
import { Lookahead } from './lookahead.js';
import { Momentum } from './momentum.js';
import { NAdam } from './nadam.js';
import { Nesterov } from './nesterov.js';
import { Polyak } from './polyak.js';
import { RMSProp } from './rmsprop.js';
import { SGD } from './sgd.js';

export { Adadelta, Adagrad, Adam, Adamax, AdamW, Lion, Lookahead, Momentum, NAdam, Nesterov, Polyak, RMSProp, SGD };
export default definePlugin({
  name: '@cultivar/optimizers',
  contributions: [SGD, Momentum, Nesterov, Adagrad, Adadelta, RMSProp, Adam, AdamW, NAdam, Adamax, Lion, Polyak, Lookahead],
});
