import { failure } from '@cultivar/sdk';
import { fileURLToPath } from 'node:url';
import { lastWords, run } from './child-process.js';

interface Proof {
  version: string;
  backend: string;
  before: number;
  after: number;
}

/**
 * Takes a training step in a process of its own.
 * @returns version of TensorFlow, as the library tells it
 * @throws CultivarError NATIVE_PROOF
 */
export async function prove(folder: string, signal?: AbortSignal): Promise<string> {
  const ended = await run(process.execPath, ['--no-deprecation', fileURLToPath(new URL('./proof.js', import.meta.url)), folder], { signal });
  if (ended.code !== 0) throw failure('NATIVE_PROOF', { reason: lastWords(ended) });
  const { version, backend, before, after } = JSON.parse(ended.stdout.trim().split('\n').at(-1)!) as Proof;
  if (backend !== 'tensorflow' || !(after < before)) throw failure('NATIVE_PROOF', { reason: `the loss went from ${before} to ${after} on ${backend}` });
  return version;
}
