import { failure } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import type { ModelFiles } from './model-files.js';

/**
 * Makes the network of LayersModel files, weights included (quantised ones are expanded by tfjs).
 * @param size height and width in pixels for an input that the file leaves open
 * @throws CultivarError BACKBONE_FORMAT
 */
export async function loadLayersFiles(files: ModelFiles, size?: number): Promise<LayersModel> {
  const before = new Set(Object.keys(tf.engine().registeredVariables));
  try {
    const { modelTopology, weightSpecs, weightData } = files;
    if (size !== undefined) fillInputSize(modelTopology, size);
    return await loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  } catch (error) {
    // A model that is thrown half-way has made variables that nobody holds.
    for (const [name, variable] of Object.entries(tf.engine().registeredVariables)) if (!before.has(name)) variable.dispose();
    throw failure('BACKBONE_FORMAT', { path: files.location, reason: error instanceof Error ? error.message : String(error) }, error);
  }
}

/** Images of open height and width get the given one, wherever in the topology they stand. */
function fillInputSize(value: unknown, size: number): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (key === 'batch_input_shape' && Array.isArray(child) && child.length === 4) {
      child[1] ??= size;
      child[2] ??= size;
    } else fillInputSize(child, size);
  }
}
