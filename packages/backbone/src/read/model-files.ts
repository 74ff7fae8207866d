import { failure } from '@cultivar/sdk';
import { FileProblem, readFileInside } from '@cultivar/sdk/internal';
import type { io } from '@tensorflow/tfjs-core';
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { checkAnnounced, type ModelJson, modelJsonLimit, parseModelJson } from './model-json.js';

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

/** Told of each file as it is read, by its name, before anything is made of it. */
export type FileListener = (name: string, bytes: Uint8Array) => void;

/** Old converters wrote no format: a graph is a list of nodes, layers have a class name. */
function formatOf(json: ModelJson, path: string): ModelFiles['format'] {
  if (json.format === 'layers-model' || json.format === 'graph-model') return json.format;
  const topology = json.modelTopology!;
  if (Array.isArray(topology['node'])) return 'graph-model';
  if ('model_config' in topology || 'class_name' in topology) return 'layers-model';
  throw failure('BACKBONE_FORMAT', { path, reason: 'its modelTopology is neither that of a LayersModel nor that of a GraphModel' });
}

/** Puts model.json and its weight files together. @throws CultivarError BACKBONE_FORMAT */
export function assembleFiles(text: string | Uint8Array, shards: readonly Uint8Array[], path: string): ModelFiles {
  const json = parseModelJson(typeof text === 'string' ? text : new TextDecoder().decode(text), path);
  const hash = createHash('sha256').update(text);
  const size = shards.reduce((sum, shard) => sum + shard.byteLength, 0);
  const weightSpecs = json.weightsManifest!.flatMap((group) => group.weights);
  const announced = checkAnnounced(weightSpecs, path);
  if (size < announced.least || size > announced.most) {
    throw failure('BACKBONE_FORMAT', { path, reason: `its weight files hold ${size} bytes, model.json announces ${announced.least}` });
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
  const outputs = Object.values(signature?.outputs ?? {}).flatMap((output) => (typeof output?.name === 'string' ? output.name : []));
  return {
    format: formatOf(json, path), modelTopology: json.modelTopology!, weightSpecs, weightData, outputs, location: path, sha256: hash.digest('hex'),
  };
}

/**
 * Reads a folder that holds model.json, or the path of a model.json. Weight files lie in its folder or below, links followed; they are regular files and
 * no larger than model.json announces.
 * @throws CultivarError BACKBONE_NOT_FOUND, BACKBONE_FORMAT; and what the listener throws
 */
export async function readLocalFiles(path: string, listener?: FileListener): Promise<ModelFiles> {
  const file = path.endsWith('.json') ? path : join(path, 'model.json');
  const folder = dirname(file);
  const read = async (name: string, limit: number) => {
    const bytes = await readFileInside(folder, name, limit).catch((error: unknown) => {
      if (!(error instanceof FileProblem)) throw error;
      if (error.kind === 'missing') throw failure('BACKBONE_NOT_FOUND', { path: join(folder, name) }, error);
      throw failure('BACKBONE_FORMAT', { path, reason: `${name} ${error.message}` }, error);
    });
    listener?.(name, bytes);
    return bytes;
  };
  const text = await read(basename(file), modelJsonLimit);
  const groups = parseModelJson(text.toString('utf8'), path).weightsManifest!;
  let left = checkAnnounced(groups.flatMap((group) => group.weights), path).most;
  const shards: Uint8Array[] = [];
  for (const name of groups.flatMap((group) => group.paths)) {
    const shard = await read(name, left);
    left -= shard.byteLength;
    shards.push(shard);
  }
  return assembleFiles(text, shards, path);
}
