import type * as OnnxRuntime from 'onnxruntime-common';

/** One of ONNX Runtime's execution providers, as its build for Node.js tells of them. */
export interface SupportedBackend {
  name: string;
  /** Whether its libraries are in the package. */
  bundled: boolean;
}

/** ONNX Runtime for Node.js: what `onnxruntime-node` exports. */
export type Runtime = typeof OnnxRuntime & { listSupportedBackends(): SupportedBackend[] };
