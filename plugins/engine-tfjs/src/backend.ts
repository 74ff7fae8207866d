import { greetQuietly, startWasmQuietly } from '@cultivar/sdk';
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { registerMissingKernels } from './wasm/register.js';

export type BackendName = 'tensorflow' | 'wasm' | 'cpu';

/** What is tried, in this order, when the user does not choose: native TensorFlow if its package is loaded, then wasm, then plain JavaScript. */
const order: readonly BackendName[] = ['tensorflow', 'wasm', 'cpu'];

/** Single-threaded, SIMD where the CPU has it; the binary is read from the package's own folder. */
async function loadWasm(): Promise<void> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  if (tf.engine().registry['wasm'] === undefined) wasm.setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep);
}

/** Gives the active backend the gradients that it lacks. Anybody may have made it active: asked again before training. */
export function completeBackend(): void {
  if (tf.getBackend() === 'wasm') registerMissingKernels();
}

async function start(name: BackendName): Promise<void> {
  if (name === 'wasm') await loadWasm();
  if (name === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
  if (tf.findBackendFactory(name) === null) throw new Error('its package is not loaded');
  if (!(await startWasmQuietly(() => tf.setBackend(name)))) throw new Error('it did not start');
  await tf.ready();
  if (name === 'cpu') greetQuietly();
  completeBackend();
}

/**
 * Makes the best tfjs backend that is there the active one. One that the embedding program has made active is left,
 * unless it is the plain JavaScript one.
 * @param wanted only this one, when given
 * @returns the name of the active backend; `failed`: those that were tried before, with the reason
 */
export async function readyBackend(wanted?: BackendName): Promise<{ name: string | undefined; failed: string[] }> {
  const failed: string[] = [];
  const active = tf.getBackend();
  if (!wanted && active && active !== 'cpu') {
    completeBackend();
    return { name: active, failed };
  }
  for (const name of wanted ? [wanted] : order) {
    // Native TensorFlow is taken where somebody has loaded it; that it is not loaded is no failure.
    if (!wanted && name === 'tensorflow' && tf.findBackendFactory(name) === null) continue;
    try {
      await start(name);
      return { name: tf.getBackend(), failed };
    } catch (error) {
      failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { name: undefined, failed };
}
