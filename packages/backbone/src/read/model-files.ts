import { failure } from '@cultivar/sdk';
import type { io } from '@tensorflow/tfjs-core';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A network's files in memory. */
export interface ModelFiles {
  format: 'layers-model' | 'graph-model';
  modelTopology: Record<string, unknown>;
  weightSpecs: io.WeightsManifestEntry[];
  weightData: ArrayBuffer;
  /** Names of the outputs, where model.json has a signature. */
  outputs: string[];
  /** Absolute path or URL, for messages and provenance. */
  location: string;
  /** SHA-256 of model.json followed by its weight files in order, hexadecimal. */
  sha256: string;
}

export interface ModelJson {
  format?: string;
  modelTopology?: Record<string, unknown>;
  signature?: { outputs?: Record<string, { name?: string }> };
  userDefinedMetadata?: { signature?: ModelJson['signature'] };
  weightsManifest?: { paths: string[]; weights: io.WeightsManifestEntry[] }[];
}

/** @throws CultivarError BACKBONE_FORMAT */
export function parseModelJson(text: string, path: string): ModelJson {
  let json: ModelJson;
  try {
    json = JSON.parse(text) as ModelJson;
  } catch (error) {
    throw failure('BACKBONE_FORMAT', { path, reason: 'its model.json is not JSON' }, error);
  }
  if (typeof json?.modelTopology !== 'object' || json.modelTopology === null) {
    throw failure('BACKBONE_FORMAT', { path, reason: 'its model.json has no modelTopology' });
  }
  if (!Array.isArray(json.weightsManifest)) throw failure('BACKBONE_FORMAT', { path, reason: 'its model.json names no weight files' });
  return json;
}

/** Old converters wrote no format: a graph is a list of nodes, layers have a class name. */
function formatOf(json: ModelJson, path: string): ModelFiles['format'] {
  if (json.format === 'layers-model' || json.format === 'graph-model') return json.format;
  const topology = json.modelTopology!;
  if (Array.isArray(topology['node'])) return 'graph-model';
  if ('model_config' in topology || 'class_name' in topology) return 'layers-model';
  throw failure('BACKBONE_FORMAT', { path, reason: 'its modelTopology is neither that of a LayersModel nor that of a GraphModel' });
}

const bytesOf: Record<string, number> = { float32: 4, int32: 4, bool: 1, complex64: 8, uint8: 1, uint16: 2, float16: 2 };

/** @returns bytes of the weights that the manifest announces; undefined where it cannot be known (strings) */
export function announcedBytes(weights: readonly io.WeightsManifestEntry[]): number | undefined {
  let total = 0;
  for (const { dtype, shape, quantization } of weights) {
    const each = bytesOf[quantization?.dtype ?? dtype];
    if (each === undefined) return undefined;
    total += each * shape.reduce((product, side) => product * side, 1);
  }
  return total;
}

/** Puts model.json and its weight files together. @throws CultivarError BACKBONE_FORMAT */
export function assembleFiles(text: string, shards: readonly Uint8Array[], path: string): ModelFiles {
  const json = parseModelJson(text, path);
  const hash = createHash('sha256').update(text);
  const size = shards.reduce((sum, shard) => sum + shard.byteLength, 0);
  const weightSpecs = json.weightsManifest!.flatMap((group) => group.weights);
  const announced = announcedBytes(weightSpecs);
  if (announced !== undefined && announced !== size) {
    throw failure('BACKBONE_FORMAT', { path, reason: `its weight files hold ${size} bytes, model.json announces ${announced}` });
  }
  const weightData = new ArrayBuffer(size);
  const bytes = new Uint8Array(weightData);
  let offset = 0;
  for (const shard of shards) {
    hash.update(shard);
    bytes.set(shard, offset);
    offset += shard.byteLength;
  }
  const signature = json.signature ?? json.userDefinedMetadata?.signature;
  const outputs = Object.values(signature?.outputs ?? {}).flatMap(({ name }) => name ?? []);
  return {
    format: formatOf(json, path), modelTopology: json.modelTopology!, weightSpecs, weightData, outputs, location: path, sha256: hash.digest('hex'),
  };
}

/**
 * Reads a folder that holds model.json, or the path of a model.json.
 * @throws CultivarError BACKBONE_NOT_FOUND, BACKBONE_FORMAT
 */
export async function readLocalFiles(path: string): Promise<ModelFiles> {
  const file = path.endsWith('.json') ? path : join(path, 'model.json');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw failure('BACKBONE_NOT_FOUND', { path: file }, error);
  });
  const names = parseModelJson(text, path).weightsManifest!.flatMap((group) => group.paths);
  const shards: Uint8Array[] = [];
  for (const name of names) {
    const shard = join(dirname(file), name);
    shards.push(await readFile(shard).catch((error: unknown) => {
      throw failure('BACKBONE_NOT_FOUND', { path: shard }, error);
    }));
  }
  return assembleFiles(text, shards, path);
}
