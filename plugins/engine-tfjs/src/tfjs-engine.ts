import { NetworkInference, NetworkTraining } from '@cultivar/engine';
import { engine, options, z, type Availability, type Engine, type InferenceOptions, type InferenceProgram, type TrainingOptions, type TrainingProgram } from '@cultivar/sdk';
import { version_core as version } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { completeBackend, readyBackend } from './backend.js';
import { tfjsKernels } from './kernels.js';

const settings = z.object({
  backend: z.enum(['auto', 'tensorflow', 'wasm', 'cpu']).default('auto').describe('tfjs backend; auto: native TensorFlow if it is loaded, else wasm, else cpu'),
});

/** Inference and training of any network on whatever tfjs backend is there. */
@engine({
  name: 'tfjs',
  summary: 'Inference and training on whatever tfjs backend is there',
  reference: 'Smilkov et al. 2019, TensorFlow.js',
  options: settings,
})
export class TfjsEngine implements Engine {
  @options() readonly options!: z.infer<typeof settings>;

  /** Also makes the backend the active one: head, loss and optimizer run on it whichever engine computes the trunk. */
  async available(): Promise<Availability> {
    const wanted = this.options?.backend ?? 'auto';
    const { name, failed } = await readyBackend(wanted === 'auto' ? undefined : wanted);
    if (name === undefined) return { ok: false, reasons: failed };
    return { ok: true, reasons: [`tfjs ${version} on the ${name} backend, ${name === 'tensorflow' ? 'native' : 'one thread'}`, ...failed] };
  }

  async inference(model: LayersModel, inferenceOptions: InferenceOptions): Promise<InferenceProgram> {
    return new NetworkInference(model, inferenceOptions, tfjsKernels);
  }

  async training(suffix: LayersModel, trainingOptions: TrainingOptions): Promise<TrainingProgram> {
    completeBackend();
    return new NetworkTraining(suffix, trainingOptions, tfjsKernels);
  }
}
