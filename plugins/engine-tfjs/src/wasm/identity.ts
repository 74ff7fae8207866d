import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/**
 * Another tensor on the same memory, as on the other backends and as this one's own reshape does it. Its own identity
 * copies, and tfjs clones every tensor that a gradient needs: that is two thirds of the memory of a training step.
 */
export const identity: tf.KernelConfig = {
  kernelName: tf.Identity,
  backendName: 'wasm',
  kernelFunc: ({ inputs, backend }) => {
    const { dataId, shape, dtype } = inputs['x']!;
    (backend as BackendWasm).incRef(dataId);
    return { dataId, shape, dtype };
  },
};
