import type { Crops, Duplicate, Layout, SetAside } from '@cultivar/data';
import { failure, z, type Assessment, type ContributionReference, type EpochRecord, type FreezePlan, type Preprocessing } from '@cultivar/sdk';
import { FileProblem, lockFolder, parseBoundedJson, readFileInside, writeAtomically } from '@cultivar/sdk/internal';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Evaluation } from '../evaluation/evaluation.js';
import type { PhaseOutcome } from '../run/run-state.js';
import type { RunWarning } from '../warnings.js';
import type { RequestRecord, TechniqueRecord } from './request-record.js';
import type { MonteCarlo } from './monte-carlo.js';

/** What is written. Format 1, which is read too, carries no checksum of cultivar.json itself. */
export const bundleFormat = 2;
export const manifestFile = 'cultivar.json';
/** Bytes of cultivar.json, which lists every file that was set aside and every duplicate. */
const manifestLimit = 128 * 2 ** 20;

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
  /** What was asked for, with all defaults: what repeats the run. Absent in bundles of older versions. */
  request?: RequestRecord;
  /** Techniques that took part, and whose plugins they are. Absent in bundles of older versions. */
  techniques?: TechniqueRecord[];
  /** What augmented the copies that were trained on, with all options; absent where nothing was trained by steps. */
  augmentations?: ContributionReference[];
  /** The engine that trained, where there was something to train by steps. */
  trainer?: string;
  /** Settings that had an effect, of those that may have none. */
  used?: string[];
  /** What speaks against it; bundles of older versions have none. */
  warnings?: RunWarning[];
  /** Of an ensemble: how it was made, and how good its members are alone. Strategy, plan and history are then those of the first. */
  ensemble?: { name: string; rule: 'average' | 'vote' | 'soup'; members: { seed: number; accuracy: number; share: number }[] };
  /** How it predicts where nothing else is asked for, and how good it was so; absent: on the image as it is, with all features. */
  testTime?: { crops: Crops; monteCarlo?: MonteCarlo; metrics?: Evaluation };
  /** SHA-256 of model.json followed by weights.bin. */
  modelSha256: string;
  /** SHA-256, hexadecimal, of each file beside cultivar.json that decides an answer, by its name. Absent in format 1. */
  files?: Record<string, string>;
  /** SHA-256, hexadecimal, of all of the above as JSON without spaces. Absent in format 1. */
  sha256?: string;
}

/** What whoever makes a bundle says of it; checksums are added when it is written. */
export type NewManifest = Omit<BundleManifest, 'format' | 'modelSha256' | 'files' | 'sha256'>;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'it is no SHA-256');
const channels = (least: number) => z.tuple([z.number(), z.number(), z.number()]).refine((values) => values.every((value) => Math.abs(value) <= 1e6 && Math.abs(value) >= least), 'they are no values of channels');
const geometry = { resize: z.enum(['stretch', 'crop', 'pad']), cropFraction: z.number().gt(0).max(1).optional() };
/** Predictions with features dropped at random that are averaged; more change nothing. */
export const mostDraws = 10_000;
/** What using a bundle needs; the rest is for people. */
const schema = z.looseObject({
  format: z.union([z.literal(1), z.literal(bundleFormat)]),
  labels: z.array(z.string().min(1)).min(2).refine((labels) => new Set(labels).size === labels.length, 'two labels are the same'),
  preprocessing: z.looseObject({
    size: z.int().min(1).max(4096), ...geometry, second: z.looseObject(geometry).optional(),
    kernel: z.enum(['linear', 'cubic', 'lanczos3']).optional(), mean: channels(0), std: channels(1e-6), channels: z.enum(['rgb', 'bgr']),
  }),
  seed: z.int().min(0).optional(),
  testTime: z.looseObject({
    crops: z.union([z.literal(1), z.literal(5), z.literal(10), z.literal('multi-scale')]),
    monteCarlo: z.object({ rate: z.number().min(0).lt(1), draws: z.int().min(1).max(mostDraws) }).optional(),
  }).optional(),
  request: z.looseObject({ reading: z.looseObject({}).optional() }).nullish(),
  techniques: z.array(z.object({ kind: z.string(), name: z.string(), plugin: z.string(), version: z.string(), file: z.string().optional() })).optional(),
  modelSha256: sha256.optional(),
  files: z.record(z.string(), sha256).optional(),
  sha256: sha256.optional(),
});

/** Milliseconds that two who write into one bundle wait for each other. */
const patience = 10_000;

/** For whoever has work to do before {@link keepTestTime}. @throws CultivarError OUTPUT_WRITE, OUTPUT_BUSY */
export async function checkKeeping(folder: string): Promise<void> {
  await (await lockFolder(folder, { patience })).release();
}

/** Writes down how a bundle predicts from now on. @throws CultivarError OUTPUT_BUSY, OUTPUT_WRITE, BUNDLE_NOT_FOUND, BUNDLE_INVALID, BUNDLE_DAMAGED */
export async function keepTestTime(folder: string, testTime: NonNullable<BundleManifest['testTime']>): Promise<void> {
  const lock = await lockFolder(folder, { patience });
  try {
    await writeManifest(folder, { ...await readManifest(folder), testTime });
  } finally {
    await lock.release();
  }
}

/** Writes cultivar.json, with the checksum of what it says. @throws CultivarError OUTPUT_WRITE */
export async function writeManifest(folder: string, manifest: Omit<BundleManifest, 'sha256'>): Promise<BundleManifest> {
  // As it will be read. A bundle of the first format stays one, where the checksums of its files are not known.
  const told = JSON.parse(JSON.stringify({ ...manifest, sha256: undefined })) as BundleManifest;
  const whole = told.files ? { ...told, sha256: checksumOf(told) } : told;
  await writeAtomically(join(folder, manifestFile), [`${inLines(JSON.stringify(whole, undefined, 2))}\n`]);
  return whole;
}

/** Lists of numbers on one line each, a row of a confusion matrix say. Line breaks of texts are escaped in JSON. */
const inLines = (json: string): string => json.replace(/\[\n\s+(?:[-\d.e+]+,?\s+)+\]/g, (list) => list.replace(/\s+/g, '').replaceAll(',', ', '));

const checksumOf = (content: object): string => createHash('sha256').update(JSON.stringify(content)).digest('hex');

/** @throws CultivarError BUNDLE_NOT_FOUND, BUNDLE_INVALID, BUNDLE_DAMAGED */
export async function readManifest(folder: string): Promise<BundleManifest> {
  const wrong = (reason: string, cause?: unknown) => failure('BUNDLE_INVALID', { path: folder, reason: `${manifestFile} ${reason}` }, cause);
  const bytes = await readFileInside(folder, manifestFile, manifestLimit).catch((error: unknown) => {
    if (!(error instanceof FileProblem)) throw error;
    if (error.kind === 'missing') throw failure('BUNDLE_NOT_FOUND', { path: folder }, error);
    throw wrong(error.message, error);
  });
  let content: unknown;
  try {
    content = parseBoundedJson(bytes.toString('utf8'), { values: 16_000_000 });
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error), error);
  }
  const checked = schema.safeParse(content);
  if (!checked.success) {
    const { path, message } = checked.error.issues[0]!;
    throw failure('BUNDLE_INVALID', { path: folder, reason: `${manifestFile}: ${path.join('.') || 'content'}: ${message}` }, checked.error);
  }
  const { sha256: told, ...rest } = content as BundleManifest;
  const verified = rest.format === 1 ? told === undefined || told === checksumOf(rest) : told !== undefined && rest.files !== undefined && told === checksumOf(rest);
  if (!verified) throw failure('BUNDLE_DAMAGED', { path: folder, file: manifestFile });
  return content as BundleManifest;
}
