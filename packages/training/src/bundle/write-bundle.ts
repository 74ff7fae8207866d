import { assembleClassifier, saveModel, type PreparedBackbone } from '@cultivar/backbone';
import { makeFolder } from '@cultivar/sdk/internal';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Head } from '../head.js';
import { bundleFormat, writeManifest, type BundleManifest, type NewManifest } from './manifest.js';

/**
 * Writes model.json, weights.bin and, last, cultivar.json: a folder that has it is whole.
 * @throws CultivarError OUTPUT_WRITE
 */
export async function writeBundle(folder: string, backbone: PreparedBackbone, head: Head, manifest: NewManifest): Promise<BundleManifest> {
  const model = assembleClassifier(backbone, { ...head, labels: manifest.labels });
  try {
    return await writeModelBundle(folder, model, manifest);
  } finally {
    model.dispose();
  }
}

/** As {@link writeBundle}, of a whole classifier: normalised image [null, size, size, 3] -> softmax over the labels. */
export async function writeModelBundle(folder: string, model: LayersModel, manifest: NewManifest): Promise<BundleManifest> {
  await makeFolder(folder);
  const { sha256, files } = await saveModel(model, folder);
  return writeManifest(folder, { ...manifest, format: bundleFormat, modelSha256: sha256, files });
}
