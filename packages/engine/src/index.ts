/**
 * @cultivar/engine: what engines share. A network as a list of calls, and its training and inference on tfjs through an
 * engine's own kernels.
 */
export * from './blocks.js';
export * from './inference-program.js';
export * from './kernels.js';
export * from './layers/convolution-gradient.js';
export { isBatchNormalization, moveStatistics, moveStatisticsBy, type BatchStatistics } from './layers/batch-normalization.js';
export * from './network/flat-network.js';
export * from './training-program.js';
export * from './weights.js';
