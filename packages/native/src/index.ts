/** Puts a current TensorFlow under @tensorflow/tfjs-node-gpu, into a cache that all projects of a user share. */
export { bindingRecord, packageFor, type Binding } from './binding.js';
export { defaultVersion, install, type InstallOptions } from './install.js';
export { prove, type Proof } from './prove.js';
export { remove, status, type NativeStatus } from './status.js';
export { tfjsVersion } from './sources.js';
