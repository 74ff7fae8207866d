import { describe, expect, it } from '@jest/globals';
import { installedNativeTensorFlow } from '@cultivar/sdk';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const installed = await installedNativeTensorFlow();
const program = fileURLToPath(new URL('../../../test/support/train-many-steps.mjs', import.meta.url));

interface Memory {
  tensors: number;
  bytes: number;
}

(installed ? describe : describe.skip)(`memory on native TensorFlow${installed ? '' : ' (skipped: run `cultivar native install`)'}`, () => {
  // The largest tensor of a step is 4 MB: one left behind at every step would be 1,000 MB.
  it.each(['frozen', 'train'])('300 steps hold tensors and resident memory flat: batch-norm %s', (batchNorm) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', program, '300', batchNorm], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('Error') });
    const { early, late } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { early: Memory; late: Memory };
    expect(late.tensors).toBe(early.tensors);
    expect(late.bytes - early.bytes).toBeLessThan(40e6);
  }, 300_000);
});
