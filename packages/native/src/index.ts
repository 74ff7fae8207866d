/** Puts a current TensorFlow under @tensorflow/tfjs-node-gpu, into a cache that all projects of a user share. */
export { defaultVersion, install, type InstallOptions } from './install.js';
export { prove } from './prove.js';
export { remove, status, type NativeStatus } from './status.js';
export { tfjsVersion } from './sources.js';
