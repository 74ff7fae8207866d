import * as tf from '@tensorflow/tfjs-core';
import { conv2dBackpropFilter } from './conv2d-backprop-filter.js';
import { conv2dBackpropInput } from './conv2d-backprop-input.js';
import { depthwiseBackpropFilter } from './depthwise-backprop-filter.js';
import { depthwiseBackpropInput } from './depthwise-backprop-input.js';
import { identity } from './identity.js';

let registered = false;

/** Gives the wasm backend the gradients it lacks, composed from kernels that it has, and better ones of two that it has. */
export function registerMissingKernels(): void {
  if (registered) return;
  registered = true;
  for (const kernel of [conv2dBackpropFilter, conv2dBackpropInput, depthwiseBackpropFilter, depthwiseBackpropInput, identity]) {
    // Registering over a kernel that is there prints a warning.
    if (tf.getKernel(kernel.kernelName, kernel.backendName)) tf.unregisterKernel(kernel.kernelName, kernel.backendName);
    tf.registerKernel(kernel);
  }
}
