import type { Crops, Duplicate, Layout, SetAside } from '@cultivar/data';
import { failure, z, type Assessment, type EpochRecord, type FreezePlan, type Preprocessing } from '@cultivar/sdk';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Evaluation } from '../evaluation/evaluation.js';
import { writeAtomically } from '../run/atomic-file.js';
import type { PhaseOutcome } from '../run/run-state.js';
import type { RunWarning } from '../warnings.js';
import type { MonteCarlo } from './monte-carlo.js';

export const bundleFormat = 1;
export const manifestFile = 'cultivar.json';

/** What a bundle says of itself: `cultivar.json`. */
export interface BundleManifest {
  /** Version of this format. */
  format: number;
  /** Classes in the order of the model's output. */
  labels: string[];
  preprocessing: Preprocessing;
  strategy: string;
  assessment: Assessment;
  plan: FreezePlan;
  metrics: Evaluation;
  test?: Evaluation;
  /** What became of each phase. */
  outcomes: PhaseOutcome[];
  history: EpochRecord[];
  versions: Record<string, string>;
  seed: number;
  seconds: number;
  backbone: { name: string; source: string; sha256: string; licence: string };
  /** Stages whose outputs the classifier reads. */
  features: string[];
  engine: string;
  data: { root: string; layout: Layout; contentHash: string; train: number; validation: number; test: number };
  setAside: SetAside[];
  duplicates: Duplicate[];
  /** What speaks against it; bundles of older versions have none. */
  warnings?: RunWarning[];
  /** Of an ensemble: how it was made, and how good its members are alone. Strategy, plan and history are then those of the first. */
  ensemble?: { name: string; rule: 'average' | 'vote' | 'soup'; members: { seed: number; accuracy: number; share: number }[] };
  /** How it predicts where nothing else is asked for, and how good it was so; absent: on the image as it is, with all features. */
  testTime?: { crops: Crops; monteCarlo?: MonteCarlo; metrics?: Evaluation };
  /** SHA-256 of model.json followed by weights.bin. */
  modelSha256: string;
}

const triple = z.tuple([z.number(), z.number(), z.number()]);
/** What using a bundle needs; the rest is for people. */
const schema = z.looseObject({
  format: z.literal(bundleFormat),
  labels: z.array(z.string()).min(2),
  preprocessing: z.looseObject({
    size: z.int().positive(), resize: z.enum(['stretch', 'crop', 'pad']), cropFraction: z.number().optional(),
    mean: triple, std: triple, channels: z.enum(['rgb', 'bgr']),
  }),
  testTime: z.looseObject({ crops: z.union([z.literal(1), z.literal(5), z.literal(10), z.literal('multi-scale')]), monteCarlo: z.object({ rate: z.number().min(0).lt(1), draws: z.int().min(1) }).optional() }).optional(),
});

/** Writes down how a bundle predicts from now on. @throws CultivarError OUTPUT_WRITE, BUNDLE_NOT_FOUND, BUNDLE_INVALID */
export async function keepTestTime(folder: string, testTime: NonNullable<BundleManifest['testTime']>): Promise<void> {
  const manifest = { ...await readManifest(folder), testTime };
  await writeAtomically(join(folder, manifestFile), [`${JSON.stringify(manifest, undefined, 2)}\n`]);
}

/** @throws CultivarError BUNDLE_NOT_FOUND, BUNDLE_INVALID */
export async function readManifest(folder: string): Promise<BundleManifest> {
  const text = await readFile(join(folder, manifestFile), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw failure('BUNDLE_NOT_FOUND', { path: folder }, error);
    throw failure('BUNDLE_INVALID', { path: folder, reason: `${manifestFile} cannot be read` }, error);
  });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw failure('BUNDLE_INVALID', { path: folder, reason: `${manifestFile} is not JSON` }, error);
  }
  const checked = schema.safeParse(content);
  if (!checked.success) {
    const { path, message } = checked.error.issues[0]!;
    throw failure('BUNDLE_INVALID', { path: folder, reason: `${manifestFile}: ${path.join('.') || 'content'}: ${message}` }, checked.error);
  }
  return content as BundleManifest;
}
