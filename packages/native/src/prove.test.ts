import { describe, expect, it } from '@jest/globals';
import { aboutGpu } from './prove.js';

describe('why there is no GPU', () => {
  it.each([
    ['E0000 00:00:1795261706.419267   29918 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: Failed call to cuInit: UNKNOWN ERROR (303)', 'failed call to cuInit: INTERNAL: CUDA error: Failed call to cuInit: UNKNOWN ERROR (303)'],
    ['2024-11-01 12:00:00.1: W tensorflow/core/common_runtime/gpu/gpu_device.cc:2343] Cannot dlopen some GPU libraries. Please make sure the missing libraries mentioned above are installed properly.', 'Cannot dlopen some GPU libraries'],
    ['I0000 external/local_xla/xla/tsl/cuda/cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU will not be used.', 'Could not find cuda drivers on your machine, GPU will not be used'],
  ])('is told by TensorFlow: %s', (line, reason) => {
    expect(aboutGpu(`I0000 cpu_feature_guard.cc:227] This TensorFlow binary is optimized.\n${line}\n`)).toBe(reason);
  });

  it('or not told', () => expect(aboutGpu('anything else')).toBeUndefined());
});
