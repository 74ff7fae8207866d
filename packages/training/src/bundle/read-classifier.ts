import { loadModel } from '@cultivar/backbone';
import { failure, isCultivarError, type Logger } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { createHash } from 'node:crypto';
import type { BundleManifest } from './manifest.js';

/**
 * The network of a bundle, each of its files verified against the checksum in cultivar.json before anything is made of it.
 * @param path absolute path of the bundle
 * @throws CultivarError BUNDLE_DAMAGED, BUNDLE_INVALID
 */
export async function readClassifier(path: string, manifest: BundleManifest, logger?: Logger): Promise<LayersModel> {
  const { labels, files, modelSha256, format } = manifest;
  if (format === 1) {
    const covered = modelSha256 ? 'the network alone' : 'nothing in it';
    logger?.warn(`The bundle in ${path} is of an earlier format, whose checksums cover ${covered}: damage to its labels would not be seen. Train it again to have all of it covered.`);
  }
  const whole = createHash('sha256');
  const seen: string[] = [];
  const model = await loadModel(path, (name, bytes) => {
    whole.update(bytes);
    seen.push(name);
    if (files && createHash('sha256').update(bytes).digest('hex') !== files[name]) throw failure('BUNDLE_DAMAGED', { path, file: name });
  }).catch((error: unknown) => {
    if (isCultivarError(error) && error.code === 'BUNDLE_DAMAGED') throw error;
    throw failure('BUNDLE_INVALID', { path, reason: error instanceof Error ? error.message : String(error) }, error);
  });
  try {
    if (modelSha256 && whole.digest('hex') !== modelSha256) throw failure('BUNDLE_DAMAGED', { path, file: seen.join(' or ') });
    const { inputs, outputs } = model;
    const classes = outputs[0]?.shape.at(-1);
    if (outputs.length !== 1 || inputs.length !== 1 || outputs[0]!.shape.length !== 2 || classes !== labels.length) {
      throw failure('BUNDLE_INVALID', { path, reason: `the model has ${classes ?? 'no'} outputs, but there are ${labels.length} labels` });
    }
    const { size } = manifest.preprocessing;
    const shape = inputs[0]!.shape.slice(1);
    if (shape.length !== 3 || shape.some((side, axis) => side !== null && side !== (axis === 2 ? 3 : size))) {
      throw failure('BUNDLE_INVALID', { path, reason: `the model reads images of ${shape.map((side) => side ?? '?').join(' x ')}, but they are brought to ${size} x ${size} x 3` });
    }
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}
