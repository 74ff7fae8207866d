/** The ONNX engine, and the lowering behind it for those who want the file. */
import { definePlugin } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { lower, type LoweringOptions } from './lowering/lower.js';
import { encodeModel } from './onnx/encode.js';
import { OnnxEngine } from './onnx-engine.js';

export { OnnxEngine } from './onnx-engine.js';
export { supportedLayers } from './operators/registry.js';
export { inputName, outputName, type LoweringOptions } from './lowering/lower.js';

/**
 * A network as the bytes of an .onnx file (operator set 17).
 * Input `input` [batch, H, W, C] (or the model's own shape), outputs `output_0`, `output_1`..., in tfjs's order of axes.
 * @throws CultivarError ENGINE_UNSUPPORTED naming the layer that cannot be expressed
 */
export function lowerToOnnx(model: LayersModel, options: LoweringOptions & { metadata?: Readonly<Record<string, string>> } = {}): Uint8Array {
  return encodeModel(lower(model, options), options.metadata);
}

export default definePlugin({ name: '@cultivar/engine-onnx', contributions: [OnnxEngine] });
