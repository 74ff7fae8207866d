import {
  engine, installedNativeTensorFlow, nativeLoader, type Availability, type Engine, type InferenceOptions, type InferenceProgram, type TrainingOptions, type TrainingProgram,
} from '@cultivar/sdk';
import { NetworkInference, NetworkTraining } from '@cultivar/engine';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { isRegistered, readyTensorFlow } from './backend.js';
import { tensorFlowKernels } from './kernels.js';

/** Inference and training on native TensorFlow, where `cultivar native install` has put it. */
@engine({
  name: 'tensorflow',
  summary: 'Inference and training on native TensorFlow, once it is installed',
  reference: 'Abadi et al. 2016, TensorFlow',
})
export class TensorFlowEngine implements Engine {
  /** Reads the record of the installation only: the library is loaded when it is first used. */
  async available(): Promise<Availability> {
    if (isRegistered()) return { ok: true, reasons: ['the tensorflow backend that is loaded already'] };
    const installed = await installedNativeTensorFlow();
    if (!installed) return { ok: false, reasons: ['not installed (optional): `npx cultivar native install`'] };
    const there = await access(join(installed.folder, nativeLoader)).then(() => true, () => false);
    if (!there) return { ok: false, reasons: [`${installed.folder} is not whole: \`npx cultivar native install\``] };
    return { ok: true, reasons: [`TensorFlow ${installed.tensorflow}, native`] };
  }

  /** @throws CultivarError NATIVE_BROKEN */
  activate(): Promise<void> {
    return readyTensorFlow();
  }

  /** @throws CultivarError NATIVE_BROKEN, ENGINE_UNSUPPORTED */
  async inference(model: LayersModel, inferenceOptions: InferenceOptions): Promise<InferenceProgram> {
    await readyTensorFlow();
    return new NetworkInference(model, inferenceOptions, tensorFlowKernels);
  }

  /** Also makes native TensorFlow the active backend: head, loss and optimizer run on it. @throws CultivarError NATIVE_BROKEN, ENGINE_UNSUPPORTED */
  async training(suffix: LayersModel, trainingOptions: TrainingOptions): Promise<TrainingProgram> {
    await readyTensorFlow();
    return new NetworkTraining(suffix, trainingOptions, tensorFlowKernels);
  }
}
