import { availableParallelism } from 'node:os';
import { engine, type Availability, type Engine, type InferenceOptions, type InferenceProgram } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { OnnxProgram } from './onnx-program.js';
import { loadRuntime } from './runtime.js';

/** Inference on onnxruntime-node, which carries its binaries inside its npm package; all cores of the CPU. */
@engine({
  name: 'onnx',
  summary: 'Inference on onnxruntime-node, all cores',
  reference: 'ONNX Runtime, https://onnxruntime.ai',
})
export class OnnxEngine implements Engine {
  async available(): Promise<Availability> {
    try {
      const runtime = await loadRuntime();
      const version = runtime.env.versions.node ?? runtime.env.versions.common;
      return { ok: true, reasons: [`onnxruntime-node ${version} on the CPU, ${availableParallelism()} threads`] };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { ok: false, reasons: [`onnxruntime-node cannot be loaded on ${process.platform} ${process.arch}: ${reason}`] };
    }
  }

  async inference(model: LayersModel, options: InferenceOptions): Promise<InferenceProgram> {
    return OnnxProgram.create(model, options);
  }
}
