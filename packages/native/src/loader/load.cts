/*
 * Stands in the folder of an installation and is called with tfjs-core: registers the backend `tensorflow` there.
 * The JavaScript of @tensorflow/tfjs-node-gpu is used without its index, which would look for a binding of its own,
 * download advice included, and load every other part of tfjs.
 */
import type * as Core from '@tensorflow/tfjs-core';
import util = require('node:util');

interface Binding {
  TF_Version: string;
  isUsingGpuDevice(): boolean;
  TF_FLOAT: number;
  TF_ATTR_TYPE: number;
  createTensor(shape: number[], type: number, values: Float32Array): number;
  executeOp(name: string, attributes: { name: string; type: number; value: number }[], inputs: number[], outputs: number): { id: number }[];
  deleteTensor(id: number): void;
}
interface Quiet {
  /** Sets what TensorFlow reads from the environment, and sends stderr nowhere unless TF_CPP_MIN_LOG_LEVEL is set. */
  hush(): void;
  /** Puts both back. */
  restore(): void;
  /** Whether the processor has the instructions that our operators are compiled to. */
  vectors: boolean;
}
interface Operators {
  /** 0 where TensorFlow would not have them. */
  version: number;
}
interface BackendModule {
  NodeJSKernelBackend: new (binding: Binding, packageName: string) => Core.KernelBackend;
}

/** What @tensorflow/tfjs-node-gpu still calls, of which Node 22 prints a warning and which Node 23 took away: the same without the warning. */
const former = util as unknown as Record<string, ((value: unknown) => boolean) | undefined>;

/**
 * What the library has to say about itself is not for users, unless they ask for it by TensorFlow's own setting; what is
 * wrong with it comes as an exception.
 * @returns `operators`: the version of those of our own, 0 where there are none
 */
function loadQuietly(): { binding: Binding; operators: number } {
  const quiet = require('./quiet.node') as Quiet;
  quiet.hush();
  try {
    const binding = require('./tfjs_binding.node') as Binding;
    runOnce(binding);
    // They are for the processor.
    return { binding, operators: quiet.vectors && !binding.isUsingGpuDevice() ? (require('./operators.node') as Operators).version : 0 };
  } finally {
    quiet.restore();
  }
}

/** Some notices, such as that oneDNN is on, come with the first operator that runs. */
function runOnce(binding: Binding): void {
  const zero = binding.createTensor([1], binding.TF_FLOAT, Float32Array.of(0));
  const results = binding.executeOp('Relu', [{ name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }], [zero], 1);
  for (const id of [zero, ...results.map((result) => result.id)]) binding.deleteTensor(id);
}

/** Registers the backend `tensorflow` there. @returns version of TensorFlow */
function load(core: typeof Core): string {
  former['isNullOrUndefined'] = (value) => value === null || value === undefined;
  former['isArray'] = (value) => Array.isArray(value);
  const globals = new Set(Reflect.ownKeys(globalThis));
  // Its kernels import `@tensorflow/tfjs`; the file of that name here hands on the very copy of tfjs-core that asked.
  (globalThis as Record<symbol, unknown>)[Symbol.for('cultivar:tfjs-core')] = core;
  try {
    const { binding, operators } = loadQuietly();
    const { NodeJSKernelBackend } = require('./node_modules/@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js') as BackendModule;
    if (!core.findBackendFactory('tensorflow')) {
      require('./node_modules/@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js');
      core.registerBackend('tensorflow', () => Object.assign(new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node-gpu'), { cultivarOperators: operators }), 3);
    }
    return binding.TF_Version;
  } finally {
    // A guest leaves no globals behind, nor does what it loads: `proto`, of the classes for models that TensorFlow itself has saved, is read by nothing here.
    for (const key of Reflect.ownKeys(globalThis)) if (!globals.has(key)) Reflect.deleteProperty(globalThis, key);
  }
}

export = load;
