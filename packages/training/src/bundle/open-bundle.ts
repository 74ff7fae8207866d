import { cropViews, type Crops, type CropView } from '@cultivar/data';
import type { Kernel, Run } from '@cultivar/kernel';
import { failure, type ContributionReference, type InferenceProgram, type Preprocessing, type TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { resolve } from 'node:path';
import type { TrainingServices } from '../request.js';
import { Engines } from '../run/engines.js';
import { onBackend } from '../run/on-backend.js';
import { readManifest, type BundleManifest } from './manifest.js';
import { monteCarloHead, type MonteCarlo } from './monte-carlo.js';
import { readClassifier } from './read-classifier.js';

/** A bundle, ready to classify canvases. */
export interface OpenBundle {
  readonly manifest: BundleManifest;
  readonly labels: readonly string[];
  readonly preprocessing: Preprocessing;
  /** @param canvases [B, size, size, 3], uint8, RGB @returns [B, K], rows sum to 1 @throws CultivarError BUNDLE_INVALID where they are no numbers */
  probabilities(canvases: TensorData<Uint8Array>): Promise<TensorData>;
  /** What to decode and cut of one image, so that the average over all crops is the prediction. */
  readonly views: readonly CropView[];
  dispose(): Promise<void>;
}

export interface OpenOptions {
  engine?: ContributionReference;
  services: TrainingServices;
  /** Absent: as the bundle says, or else 1. */
  crops?: Crops;
  /** Absent: as the bundle says, or else none. */
  monteCarlo?: MonteCarlo;
}

/**
 * Opens the folder that a run wrote.
 * @throws CultivarError BUNDLE_NOT_FOUND, BUNDLE_INVALID, BUNDLE_DAMAGED, ENGINE_NONE
 */
export async function openBundle(kernel: Kernel, folder: string, { engine = { name: 'auto' }, services, ...asked }: OpenOptions): Promise<OpenBundle> {
  const path = resolve(folder);
  const manifest = await readManifest(path);
  const run = kernel.openRun({ seed: manifest.seed ?? 0, outputFolder: path, ...services });
  const before = tf.getBackend();
  try {
    const engines = await Engines.open(kernel, run, engine, 'inference');
    const model = await readClassifier(path, manifest, services.logger);
    const { program, probabilities } = await open(engines, model, path, manifest, run, asked.monteCarlo ?? manifest.testTime?.monteCarlo).catch((error: unknown) => {
      model.dispose();
      throw error;
    });
    // An engine may have made another backend the active one: it computes on that one, the embedding program on its own.
    const backend = tf.getBackend();
    if (before && backend !== before) await tf.setBackend(before);
    let disposal: Promise<void> | undefined;
    return {
      manifest,
      labels: manifest.labels,
      preprocessing: manifest.preprocessing,
      views: cropViews(manifest.preprocessing, asked.crops ?? manifest.testTime?.crops ?? 1),
      probabilities: async (canvases) => checkProbabilities(probabilities((await onBackend(backend, () => program.run(canvases)))[0]!), path),
      dispose: () => {
        disposal ??= (async () => {
          await program.dispose();
          model.dispose();
          await run.dispose();
        })();
        return disposal;
      },
    };
  } catch (error) {
    await run.dispose();
    if (before && tf.getBackend() !== before) await tf.setBackend(before);
    throw error;
  }
}

/** The network on an engine, and what turns its output into probabilities. */
async function open(
  engines: Engines, model: LayersModel, path: string, { preprocessing: normalisation }: BundleManifest, { random }: Run, monteCarlo: MonteCarlo | undefined,
): Promise<{ program: InferenceProgram; probabilities: (output: TensorData) => TensorData }> {
  if (!monteCarlo) return { program: await engines.inference(model, { normalisation }), probabilities: (output) => output };
  const head = await monteCarloHead(model, path, monteCarlo, random);
  return { program: await engines.inference(model, { normalisation, outputs: [{ layer: head.layer }] }), probabilities: (features) => head.probabilities(features) };
}

/** Whatever the network makes of an image, it must be probabilities: what is no number would look like an answer. @throws CultivarError BUNDLE_INVALID */
function checkProbabilities({ data, shape }: TensorData, path: string): TensorData {
  for (let at = 0; at < data.length; at += 1) {
    // Rounding may carry a sum of shares a little over one.
    if (!(data[at]! > -1e-3 && data[at]! < 1.001)) throw failure('BUNDLE_INVALID', { path, reason: `its network answers with ${data[at]}, which is no probability` });
  }
  return { data, shape };
}
