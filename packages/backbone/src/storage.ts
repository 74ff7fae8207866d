import { makeFolder, writeAtomically } from '@cultivar/sdk/internal';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { loadLayersFiles } from './read/layers-model.js';
import { type FileListener, readLocalFiles } from './read/model-files.js';

/**
 * Saves a model as model.json and weights.bin, which plain `tf.loadLayersModel` reads. The same weights give the same bytes.
 * @returns SHA-256, hexadecimal, of model.json followed by weights.bin, and of each
 * @throws CultivarError OUTPUT_WRITE
 */
export async function saveModel(model: LayersModel, folder: string): Promise<{ sha256: string; files: Record<string, string> }> {
  await makeFolder(folder);
  let sha256 = '';
  let files: Record<string, string> = {};
  await model.save(tf.io.withSaveHandler(async (artifacts) => {
    const weights = new Uint8Array(tf.io.CompositeArrayBuffer.join(artifacts.weightData));
    const json = `${JSON.stringify({
      format: 'layers-model',
      generatedBy: artifacts.generatedBy,
      convertedBy: null,
      modelTopology: artifacts.modelTopology,
      ...(artifacts.userDefinedMetadata ? { userDefinedMetadata: artifacts.userDefinedMetadata } : {}),
      weightsManifest: [{ paths: ['weights.bin'], weights: artifacts.weightSpecs }],
    })}\n`;
    await writeAtomically(join(folder, 'weights.bin'), [weights]);
    await writeAtomically(join(folder, 'model.json'), [json]);
    sha256 = createHash('sha256').update(json).update(weights).digest('hex');
    files = { 'model.json': createHash('sha256').update(json).digest('hex'), 'weights.bin': createHash('sha256').update(weights).digest('hex') };
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' as const } };
  }));
  return { sha256, files };
}

/**
 * Loads what {@link saveModel}, or tfjs itself, wrote.
 * @param listener told of each file before anything is made of it; what it throws is thrown
 * @throws CultivarError BACKBONE_NOT_FOUND, BACKBONE_FORMAT
 */
export async function loadModel(folder: string, listener?: FileListener): Promise<LayersModel> {
  return loadLayersFiles(await readLocalFiles(resolve(folder), listener));
}
