import type { TrainingOperator } from '../operator.js';
import { activation, rectifier } from './activation.js';
import { batchNormalization } from './batch-normalization.js';
import { convolution } from './convolution.js';
import { dense } from './dense.js';
import { identity } from './identity.js';
import { concatenate, merge } from './merge.js';
import { cropping, zeroPadding } from './padding.js';
import { globalPooling, pooling } from './pooling.js';
import { prelu } from './prelu.js';
import { rescaling } from './rescaling.js';
import { permute, reshape } from './reshape.js';
import { upsampling } from './upsampling.js';

const operators: readonly TrainingOperator[] = [
  activation, batchNormalization, concatenate, convolution, cropping, dense, globalPooling, identity, merge, permute, pooling,
  prelu, rectifier, rescaling, reshape, upsampling, zeroPadding,
];
const byLayer = new Map(operators.flatMap((operator) => operator.layers.map((layer) => [layer, operator])));

/** The operator of a layer class; undefined where there is none. */
export const trainingOperatorFor = (layerClass: string): TrainingOperator | undefined => byLayer.get(layerClass);

/** Class names of all layers that can be trained. */
export const trainableLayers = (): string[] => [...byLayer.keys()].sort();
