import { failure } from '@cultivar/sdk';
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { lastWords, run } from './child-process.js';

export interface Proof {
  /** Version of TensorFlow, as the library tells it. */
  version: string;
  /** Whether the step was computed on a GPU. */
  gpu: boolean;
  /** Why not. */
  gpuReason?: string;
}

interface Printed {
  version: string;
  backend: string;
  before: number;
  after: number;
  gpu: boolean;
}

/**
 * Takes a training step in a process of its own.
 * @param cuda whether it is a build with CUDA, which is then asked for a GPU
 * @throws CultivarError NATIVE_PROOF
 */
export async function prove(folder: string, { cuda = false, signal }: { cuda?: boolean; signal?: AbortSignal } = {}): Promise<Proof> {
  const environment = cuda ? { ...process.env, TF_CPP_MIN_LOG_LEVEL: '0' } : process.env;
  const ended = await run(process.execPath, ['--no-deprecation', fileURLToPath(new URL('../dist/proof.js', import.meta.url)), folder], { environment, signal });
  if (ended.code !== 0) throw failure('NATIVE_PROOF', { reason: ended.code === null ? 'the process was ended by the system' : lastWords(ended) });
  const { version, backend, before, after, gpu } = JSON.parse(ended.stdout.trim().split('\n').at(-1)!) as Printed;
  if (backend !== 'tensorflow' || !(after < before)) throw failure('NATIVE_PROOF', { reason: `the loss went from ${before} to ${after} on ${backend}` });
  return { version, gpu, ...(cuda && !gpu && { gpuReason: await whyNoGpu(ended.stderr) }) };
}

async function whyNoGpu(log: string): Promise<string> {
  const driver = await access('/proc/driver/nvidia/version').then(() => true, () => false);
  return [...(driver ? [] : ['no NVIDIA driver is loaded']), aboutGpu(log) ?? 'TensorFlow does not say why'].join('; ');
}

/** The line of TensorFlow's log that tells why there is no GPU: `W0000 file.cc:2342] Cannot dlopen some GPU libraries ...`. */
export function aboutGpu(log: string): string | undefined {
  const lines = log.split('\n').map((line) => line.replace(/^.*?\.cc:\d+\]\s*/, '').trim());
  const told = [/cannot dlopen some gpu/i, /failed call to cuinit/i, /could not find cuda drivers/i, /could not load dynamic library/i].map((pattern) => lines.find((line) => pattern.test(line)));
  return told.find((line) => line !== undefined)?.replace(/\.\s.*$/, '').replace(/[.\s]+$/, '').slice(0, 300);
}
