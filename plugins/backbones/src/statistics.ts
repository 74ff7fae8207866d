import type { FeatureStatistics } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { convolutionalLayers } from './layers-of.js';

const folder = new URL('../statistics/', import.meta.url);

/**
 * Which pretrained weights these are, whatever files they came in: SHA-256 over the values of all convolutional layers,
 * in order, as little-endian float32; the first twelve hexadecimal digits.
 */
export function fingerprint(model: LayersModel): string {
  const hash = createHash('sha256');
  for (const layer of convolutionalLayers(model)) {
    for (const weight of layer.getWeights()) {
      const values = weight.dataSync();
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }
  return hash.digest('hex').slice(0, 12);
}

/**
 * Statistics of the pooled top features over photos of ImageNet's classes, for the weights whose statistics were
 * measured (see statistics/README.md); undefined for others.
 */
export async function knownStatistics(model: LayersModel): Promise<FeatureStatistics | undefined> {
  const names = await readdir(folder).catch(() => []);
  const name = names.find((file) => file.endsWith(`.${fingerprint(model)}.json`));
  if (!name) return undefined;
  const { count, mean, std } = JSON.parse(await readFile(new URL(name, folder), 'utf8')) as FeatureStatistics;
  return { count, mean, std };
}
