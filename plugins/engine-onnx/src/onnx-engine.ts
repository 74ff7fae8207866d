import { availableParallelism } from 'node:os';
import { count, engine, options, z, type Availability, type Engine, type InferenceOptions, type InferenceProgram, type TrainingOptions, type TrainingProgram } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { OnnxProgram, sessionOptions } from './onnx-program.js';
import { loadRuntime } from './runtime.js';
import { OnnxTraining } from './training/training-program.js';

const settings = z.object({
  threads: count.optional().describe('threads; all cores when absent'),
  // Images are decoded on the same cores meanwhile: measured, waiting threads that spin cost more than waking them.
  spinning: z.boolean().default(false).describe('threads burn their core while they wait: a little faster on an idle machine, slower on a busy one'),
});

/** Inference and training on onnxruntime-node, which carries its binaries inside its npm package; all cores of the CPU. */
@engine({
  name: 'onnx',
  summary: 'Inference and training on onnxruntime-node, all cores',
  reference: 'ONNX Runtime, https://onnxruntime.ai',
  options: settings,
})
export class OnnxEngine implements Engine {
  @options() readonly options!: z.infer<typeof settings>;

  async available(): Promise<Availability> {
    try {
      const runtime = await loadRuntime();
      const version = runtime.env.versions.node ?? runtime.env.versions.common;
      return { ok: true, reasons: [`onnxruntime-node ${version} on the CPU, ${this.options?.threads ?? availableParallelism()} threads`] };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { ok: false, reasons: [`onnxruntime-node cannot be loaded on ${process.platform} ${process.arch}: ${reason}`] };
    }
  }

  async inference(model: LayersModel, inferenceOptions: InferenceOptions): Promise<InferenceProgram> {
    // Made by hand, outside a run, it has no options.
    return OnnxProgram.create(model, inferenceOptions, this.options ?? settings.parse({}));
  }

  async training(suffix: LayersModel, trainingOptions: TrainingOptions): Promise<TrainingProgram> {
    return OnnxTraining.create(suffix, trainingOptions, sessionOptions(this.options ?? settings.parse({})));
  }
}
