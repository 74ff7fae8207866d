/**
 * @cultivar/onnxruntime: ONNX Runtime from a package that carries this platform's binaries alone, with its telemetry off.
 */
export type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-common';
export { loadRuntime, runtimeInUse, runtimeVariable } from './load.js';
export { locateRuntime, type Machine, type Resolve, type RuntimeLocation } from './locate.js';
export { platformPackage, platforms, runtimeVersion } from './platforms.js';
export type { Runtime, SupportedBackend } from './runtime.js';
