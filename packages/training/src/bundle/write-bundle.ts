import { assembleClassifier, saveModel, type PreparedBackbone } from '@cultivar/backbone';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { join } from 'node:path';
import type { Head } from '../head.js';
import { makeFolder, writeAtomically } from '../run/atomic-file.js';
import { manifestFile, type BundleManifest } from './manifest.js';

/**
 * Writes model.json, weights.bin and, last, cultivar.json: a folder that has it is whole.
 * @throws CultivarError OUTPUT_WRITE
 */
export async function writeBundle(folder: string, backbone: PreparedBackbone, head: Head, manifest: Omit<BundleManifest, 'modelSha256'>): Promise<BundleManifest> {
  const model = assembleClassifier(backbone, { ...head, labels: manifest.labels });
  try {
    return await writeModelBundle(folder, model, manifest);
  } finally {
    model.dispose();
  }
}

/** As {@link writeBundle}, of a whole classifier: normalised image [null, size, size, 3] -> softmax over the labels. */
export async function writeModelBundle(folder: string, model: LayersModel, manifest: Omit<BundleManifest, 'modelSha256'>): Promise<BundleManifest> {
  await makeFolder(folder);
  const { sha256 } = await saveModel(model, folder);
  const whole = { ...manifest, modelSha256: sha256 };
  await writeAtomically(join(folder, manifestFile), [`${JSON.stringify(whole, undefined, 2)}\n`]);
  return whole;
}
