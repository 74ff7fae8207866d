import { availableParallelism } from 'node:os';
import { loadRuntime, runtimeInUse, runtimeVariable } from '@cultivar/onnxruntime';
import { count, engine, failure, options, z, type Availability, type Engine, type InferenceOptions, type InferenceProgram, type TrainingOptions, type TrainingProgram } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { OnnxProgram, sessionOptions } from './onnx-program.js';
import { OnnxTraining } from './training/training-program.js';

/** Names that ONNX Runtime gives its execution providers; which of them a build has depends on the platform. */
const providers = ['cpu', 'cuda', 'tensorrt', 'dml', 'coreml', 'webgpu'] as const;

const settings = z.object({
  threads: count.optional().describe('threads; all cores when absent'),
  provider: z.enum(providers).default('cpu').describe('what computes: cpu, or an accelerator through the execution provider of that name, the cpu taking what it cannot'),
  runtime: z.string().min(1).optional().describe('path or package name of an onnxruntime-node of your own, for its CUDA say; CULTIVAR_ONNXRUNTIME names one for every run'),
  // Images are decoded on the same cores meanwhile: measured, waiting threads that spin cost more than waking them.
  spinning: z.boolean().default(false).describe('threads burn their core while they wait: a little faster on an idle machine, slower on a busy one'),
});

/** Inference and training on ONNX Runtime, whose binaries come as an npm package of the platform; all cores of the CPU. */
@engine({
  name: 'onnx',
  summary: 'Inference and training on ONNX Runtime, all cores',
  reference: 'ONNX Runtime, https://onnxruntime.ai',
  options: settings,
})
export class OnnxEngine implements Engine {
  @options() readonly options!: z.infer<typeof settings>;

  async available(): Promise<Availability> {
    try {
      const runtime = await loadRuntime(this.options?.runtime);
      const version = `ONNX Runtime ${runtime.env.versions.node ?? runtime.env.versions.common} (${runtimeInUse()})`;
      const { provider = 'cpu', threads = availableParallelism() } = this.options ?? {};
      const others = runtime.listSupportedBackends().filter(({ name }) => name !== 'cpu');
      const listed = others.map(({ name, bundled }) => (bundled ? name : `${name}, whose libraries are not in the package`)).join('; ');
      if (provider !== 'cpu' && !others.some(({ name }) => name === provider)) {
        return { ok: false, reasons: [`${version} has no execution provider ${provider} on ${process.platform} ${process.arch}; it has cpu; ${listed}`] };
      }
      const where = provider === 'cpu' ? 'the CPU' : `${provider} and the CPU`;
      const untried = others.length > 0 && provider === 'cpu' ? [`execution providers that option provider could choose, not tried: ${listed}`] : [];
      return { ok: true, reasons: [`${version} on ${where}, ${threads} threads`, ...untried] };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // Who asks for a runtime of his own does not want another engine in silence.
      const own = this.options?.runtime ?? process.env[runtimeVariable];
      if (own) throw failure('ENGINE_RUNTIME', { own, reason }, error);
      return { ok: false, reasons: [reason] };
    }
  }

  async inference(model: LayersModel, inferenceOptions: InferenceOptions): Promise<InferenceProgram> {
    // Made by hand, outside a run, it has no options.
    await loadRuntime(this.options?.runtime);
    return OnnxProgram.create(model, inferenceOptions, this.options ?? settings.parse({}));
  }

  async training(suffix: LayersModel, trainingOptions: TrainingOptions): Promise<TrainingProgram> {
    await loadRuntime(this.options?.runtime);
    return OnnxTraining.create(suffix, trainingOptions, sessionOptions(this.options ?? settings.parse({})));
  }
}
