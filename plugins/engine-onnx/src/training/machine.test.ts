import { describe, expect, it } from '@jest/globals';
import type { ConvolutionShape } from './forms/form.js';
import { general } from './forms/general.js';
import { formFor } from './forms/registry.js';
import { blockedOrder } from './machine.js';

const depthwise: ConvolutionShape = {
  depthwise: true, inputs: 32, outputs: 32, size: [3, 3], strides: [2, 2], dilations: [1, 1], pads: { top: 0, left: 0, bottom: 1, right: 1 }, inputSize: [8, 8], outputSize: [4, 4],
};

describe('the blocked order of this machine', () => {
  it('is found, or there is none', async () => {
    const block = await blockedOrder();
    expect([0, 4, 8, 16, 32]).toContain(block);
    // The runtime has kernels for it on every x64 machine.
    if (process.arch === 'x64') expect(block).toBeGreaterThanOrEqual(8);
    expect(await blockedOrder()).toBe(block);
  });

  it('is used where there is one and channels come in fours; elsewhere standard operators do', () => {
    expect(formFor('forward', depthwise, 8)).not.toBe(general);
    expect(formFor('forward', { ...depthwise, inputs: 30, outputs: 30 }, 8)).toBe(general);
    for (const part of ['forward', 'inputGradient', 'kernelGradient'] as const) expect(formFor(part, depthwise, 0)).toBe(general);
  });
});
