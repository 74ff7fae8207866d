import type { Kernel } from '@cultivar/kernel';
import { isCultivarError, type Logger } from '@cultivar/sdk';
import { resolve } from 'node:path';
import { readManifest, type BundleManifest } from '../bundle/manifest.js';
import { readClassifier } from '../bundle/read-classifier.js';
import { recordOf } from '../bundle/request-record.js';
import { checkFinished } from '../finish.js';
import { withDefaults, type TrainingRequest } from '../request.js';

/**
 * A run that had ended when a study or an ensemble was broken off, which goes on with it: that it was made with the same settings, and is as it was written.
 * @param consequence what is done where it is not, in words
 * @returns what its bundle says; undefined where it is not there or damaged, which is said
 * @throws CultivarError RESUME_MISMATCH where it was made with other settings
 */
export async function keptRun({ catalogue }: Kernel, request: TrainingRequest, logger: Logger, consequence: string): Promise<BundleManifest | undefined> {
  const out = resolve(request.out);
  try {
    const manifest = await readManifest(out);
    checkFinished(out, manifest, recordOf(catalogue, withDefaults({ ...request, out }), { initializer: request.initializer !== undefined }));
    (await readClassifier(out, manifest)).dispose();
    return manifest;
  } catch (error) {
    if (!isCultivarError(error) || !error.code.startsWith('BUNDLE_')) throw error;
    logger.warn(`${error.message} ${consequence} [${error.code}]`);
    return undefined;
  }
}
