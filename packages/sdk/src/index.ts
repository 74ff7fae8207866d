/**
 * @cultivar/sdk: all that a plugin author imports. Contracts, decorators, option schemas, errors.
 */
// The types of tfjs name `Long` and say not where it comes from.
/// <reference types="long" preserve="true" />
export * from './cache-folder.js';
export * from './contracts/augmentation.js';
export * from './contracts/backbone.js';
export * from './contracts/callback.js';
export * from './contracts/engine.js';
export * from './contracts/ensemble.js';
export * from './contracts/exporter.js';
export * from './contracts/initializer.js';
export * from './contracts/layer.js';
export * from './contracts/metric.js';
export * from './contracts/optimizer.js';
export * from './contracts/regularizer.js';
export * from './contracts/schedule.js';
export * from './contracts/similarity.js';
export * from './contracts/solver.js';
export * from './contracts/strategy.js';
export * from './decorators.js';
export * from './errors.js';
export * from './fetch.js';
export * from './figures.js';
export * from './kinds.js';
export * from './mean-over-places.js';
export * from './native-tensorflow.js';
export * from './options.js';
export * from './plugin.js';
export * from './quiet-backends.js';
export * from './services.js';
export * from './tensor-memory.js';
export * from './version.js';
