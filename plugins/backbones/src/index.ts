/** @cultivar/backbones: pretrained networks without their classifiers. One file for each. */
import { definePlugin } from '@cultivar/sdk';
import { GraphModelBackbone } from './graph-model.js';
import { LayersModelBackbone } from './layers-model.js';
import { MobileNetV1 } from './mobilenet-v1.js';
import { MobileNetV2 } from './mobilenet-v2.js';
import { Nano } from './nano.js';

export { GraphModelBackbone, LayersModelBackbone, MobileNetV1, MobileNetV2, Nano };
export { fingerprint } from './statistics.js';
export default definePlugin({
  name: '@cultivar/backbones',
  contributions: [Nano, MobileNetV1, MobileNetV2, LayersModelBackbone, GraphModelBackbone],
});
