import { failure, installedNativeTensorFlow, nativeLoader, type NativeTensorFlow } from '@cultivar/sdk';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';

const require = createRequire(import.meta.url);

/** Whether somebody, the embedding program perhaps, has registered native TensorFlow already. */
export const isRegistered = (): boolean => tf.findBackendFactory('tensorflow') !== null;

/**
 * Makes native TensorFlow the active tfjs backend, and loads it if need be.
 * @throws CultivarError NATIVE_BROKEN
 */
export async function readyTensorFlow(): Promise<void> {
  if (!isRegistered()) await load(await installedNativeTensorFlow());
  if (tf.getBackend() !== 'tensorflow') await tf.setBackend('tensorflow');
  await tf.ready();
}

async function load(installed: NativeTensorFlow | undefined): Promise<void> {
  const folder = installed?.folder ?? '(none)';
  try {
    const register = require(join(folder, nativeLoader)) as (core: unknown) => string;
    // The module itself and not its ESM view, which lacks some names.
    register(require('@tensorflow/tfjs-core'));
  } catch (error) {
    throw failure('NATIVE_BROKEN', { folder, reason: error instanceof Error ? error.message.split('\n')[0]! : String(error) }, error);
  }
}
