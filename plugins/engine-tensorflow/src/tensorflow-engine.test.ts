import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { installedNativeTensorFlow } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { TensorFlowEngine } from './tensorflow-engine.js';

describe('where native TensorFlow is not installed', () => {
  it('one reason says how to install it, and nothing is loaded', async () => {
    const before = process.env['CULTIVAR_CACHE'];
    process.env['CULTIVAR_CACHE'] = '/nowhere';
    const { ok, reasons } = await new TensorFlowEngine().available();
    if (before === undefined) delete process.env['CULTIVAR_CACHE'];
    else process.env['CULTIVAR_CACHE'] = before;
    expect({ ok, reasons }).toEqual({ ok: false, reasons: [expect.stringContaining('npx cultivar native install')] });
    expect(tf.findBackendFactory('tensorflow')).toBeNull();
  });
});

const installed = (await installedNativeTensorFlow()) !== undefined;
(installed ? describe : describe.skip)(`native TensorFlow${installed ? '' : ' (skipped: run `cultivar native install`)'}`, () => {
  // TF_CPP_MIN_LOG_LEVEL, set while it loads, would be taken for the user's wish by a child process, which would then speak.
  // Addition and concatenation ask tfjs-node for types by the functions of `util` of which Node 22 says that they are deprecated.
  it('says nothing of itself, and leaves the environment, which child processes inherit, as it was', () => {
    const program = `
      import { installedNativeTensorFlow, nativeLoader } from '@cultivar/sdk';
      import * as tf from '@tensorflow/tfjs-core';
      import { execFileSync } from 'node:child_process';
      import { createRequire } from 'node:module';
      const { folder } = await installedNativeTensorFlow();
      createRequire(folder + '/')('./' + nativeLoader)(tf);
      await tf.setBackend('tensorflow');
      const sum = tf.add([1], [2]).dataSync()[0] + tf.concat([[0], [0]]).dataSync()[0];
      const child = execFileSync(process.execPath, ['-p', 'Object.keys(process.env).filter((name) => name.startsWith("TF_CPP") || name === "TF_ENABLE_ONEDNN_OPTS").join()'], { encoding: 'utf8' });
      console.log(sum, tf.getBackend(), child.trim());`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { cwd: import.meta.dirname, env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: undefined, TF_ENABLE_ONEDNN_OPTS: undefined }, encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '3 tensorflow \n', stderr: '' });
  });
});
