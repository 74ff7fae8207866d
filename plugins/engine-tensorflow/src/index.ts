/** The engine on native TensorFlow. */
import { definePlugin } from '@cultivar/sdk';
import { TensorFlowEngine } from './tensorflow-engine.js';

export { TensorFlowEngine } from './tensorflow-engine.js';
export { readyTensorFlow } from './backend.js';

export default definePlugin({ name: '@cultivar/engine-tensorflow', contributions: [TensorFlowEngine] });
