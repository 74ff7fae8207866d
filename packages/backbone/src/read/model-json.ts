import { failure, z } from '@cultivar/sdk';
import { parseBoundedJson } from '@cultivar/sdk/internal';
import type { io } from '@tensorflow/tfjs-core';

/** Bytes of a model.json: the largest known hold two million. */
export const modelJsonLimit = 16 * 2 ** 20;
/** Bytes of all weight files of a network. */
export const weightsLimit = 2 ** 31;

const finite = z.number().refine(Number.isFinite, 'it must be a number that is not infinite');
const name = z.string().min(1).max(1024).refine((text) => !(text in Object.prototype), 'it is no name');
const entry = z.looseObject({
  name,
  shape: z.array(z.int().min(0).max(2 ** 31)).max(8),
  dtype: z.enum(['float32', 'int32', 'bool', 'complex64', 'string', 'float16', 'uint8', 'uint16']),
  quantization: z.looseObject({
    dtype: z.enum(['uint8', 'uint16', 'float16', 'float32', 'int32']), scale: finite.optional(), min: finite.optional(), original_dtype: z.enum(['float32', 'int32']).optional(),
  }).nullish(),
});
const group = z.looseObject({ paths: z.array(name).min(1).max(10_000), weights: z.array(entry).max(100_000) });
const manifest = z.array(group).max(10_000).superRefine((groups, context) => {
  for (const names of [groups.flatMap(({ paths }) => paths), groups.flatMap(({ weights }) => weights.map((weight) => weight.name))]) {
    const seen = new Set<string>();
    for (const one of names) {
      if (seen.has(one)) context.addIssue({ code: 'custom', message: `it names ${one} twice` });
      seen.add(one);
    }
  }
});

export interface ModelJson {
  format?: string;
  modelTopology?: Record<string, unknown>;
  signature?: { outputs?: Record<string, { name?: string }> };
  userDefinedMetadata?: { signature?: ModelJson['signature'] };
  weightsManifest?: { paths: string[]; weights: io.WeightsManifestEntry[] }[];
}

/** Reads and checks a model.json; its topology is checked by whoever builds from it. @throws CultivarError BACKBONE_FORMAT */
export function parseModelJson(text: string, path: string): ModelJson {
  const wrong = (reason: string, cause?: unknown) => failure('BACKBONE_FORMAT', { path, reason }, cause);
  let json: ModelJson;
  try {
    json = parseBoundedJson(text) as ModelJson;
  } catch (error) {
    throw wrong(`its model.json ${error instanceof Error ? error.message : String(error)}`, error);
  }
  if (typeof json?.modelTopology !== 'object' || json.modelTopology === null || Array.isArray(json.modelTopology)) {
    throw wrong('its model.json has no modelTopology');
  }
  if (!Array.isArray(json.weightsManifest)) throw wrong('its model.json names no weight files');
  const checked = manifest.safeParse(json.weightsManifest);
  if (!checked.success) {
    const issue = checked.error.issues[0]!;
    throw wrong(`its model.json is wrong at ${['weightsManifest', ...issue.path].join('.')}: ${issue.message.replace(/\.$/, '')}`);
  }
  for (const { quantization } of json.weightsManifest.flatMap(({ weights }) => weights)) {
    if (quantization && quantization.dtype !== 'float16' && (quantization.scale === undefined || quantization.min === undefined)) {
      throw wrong('its model.json quantises weights without a scale and a least value');
    }
  }
  return json;
}

const bytesOf: Record<string, number> = { float32: 4, int32: 4, bool: 1, complex64: 8, uint8: 1, uint16: 2, float16: 2 };

/** Bytes of the weights that a manifest announces: from `least` to `most`, the same but for texts, whose length it does not tell. */
export function announcedBytes(weights: readonly io.WeightsManifestEntry[]): { least: number; most: number } {
  let [least, most] = [0, 0];
  for (const { dtype, shape, quantization } of weights) {
    const count = shape.reduce((product, side) => product * side, 1);
    // A text has its length before it.
    const each = bytesOf[quantization?.dtype ?? dtype];
    least += (each ?? 4) * count;
    most += each === undefined ? weightsLimit : each * count;
  }
  return { least, most };
}

/** @throws CultivarError BACKBONE_FORMAT where no file could hold what is announced */
export function checkAnnounced(weights: readonly io.WeightsManifestEntry[], path: string): { least: number; most: number } {
  const announced = announcedBytes(weights);
  if (announced.least > weightsLimit) throw failure('BACKBONE_FORMAT', { path, reason: `its model.json announces ${announced.least} bytes of weights, more than the ${weightsLimit} that can be read` });
  return { least: announced.least, most: Math.min(announced.most, weightsLimit) };
}
