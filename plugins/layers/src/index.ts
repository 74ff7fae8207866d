/** @cultivar/layers: layers that networks are built of. One file for each; loading them registers their classes. */
import { definePlugin } from '@cultivar/sdk';
import { BatchNorm, BatchNormContribution } from './batch-norm.js';
import { DropConnect, DropConnectContribution } from './drop-connect.js';
import { Dropout, DropoutContribution } from './dropout.js';
import { FractionalMaxPooling, FractionalMaxPoolingContribution } from './fractional-max-pooling.js';
import { GlobalAverageHead, GlobalAverageHeadContribution } from './global-average-head.js';
import { GroupNorm, GroupNormContribution } from './group-norm.js';
import { InstanceNorm, InstanceNormContribution } from './instance-norm.js';
import { LayerNorm, LayerNormContribution } from './layer-norm.js';
import { StochasticDepth, StochasticDepthContribution } from './stochastic-depth.js';

export { BatchNorm, DropConnect, Dropout, FractionalMaxPooling, GlobalAverageHead, GroupNorm, InstanceNorm, LayerNorm, StochasticDepth };
export default definePlugin({
  name: '@cultivar/layers',
  contributions: [
    BatchNormContribution, LayerNormContribution, GroupNormContribution, InstanceNormContribution, DropoutContribution, DropConnectContribution,
    StochasticDepthContribution, FractionalMaxPoolingContribution, GlobalAverageHeadContribution,
  ],
});
