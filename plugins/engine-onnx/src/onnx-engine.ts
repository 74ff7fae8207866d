import { availableParallelism } from 'node:os';
import { count, engine, options, z, type Availability, type Engine, type InferenceOptions, type InferenceProgram, type TrainingOptions, type TrainingProgram } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { OnnxProgram, sessionOptions } from './onnx-program.js';
import { loadRuntime } from './runtime.js';
import { OnnxTraining } from './training/training-program.js';

/** Names that ONNX Runtime gives its execution providers; which of them a build has depends on the platform. */
const providers = ['cpu', 'cuda', 'tensorrt', 'dml', 'coreml', 'webgpu'] as const;

const settings = z.object({
  threads: count.optional().describe('threads; all cores when absent'),
  provider: z.enum(providers).default('cpu').describe('what computes: cpu, or an accelerator through the execution provider of that name, the cpu taking what it cannot'),
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
      const { provider = 'cpu', threads = availableParallelism() } = this.options ?? {};
      const others = runtime.listSupportedBackends().filter(({ name }) => name !== 'cpu');
      const listed = others.map(({ name, bundled }) => (bundled ? name : `${name}, whose libraries are not in the package`)).join('; ');
      if (provider !== 'cpu' && !others.some(({ name }) => name === provider)) {
        return { ok: false, reasons: [`onnxruntime-node ${version} has no execution provider ${provider} on ${process.platform} ${process.arch}; it has cpu; ${listed}`] };
      }
      const where = provider === 'cpu' ? 'the CPU' : `${provider} and the CPU`;
      const untried = others.length > 0 && provider === 'cpu' ? [`execution providers that option provider could choose, not tried: ${listed}`] : [];
      return { ok: true, reasons: [`onnxruntime-node ${version} on ${where}, ${threads} threads`, ...untried] };
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
