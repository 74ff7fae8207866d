/** Reads every file of a dataset once: what it is, whether it is whole, and whether it is there twice. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { failure, type Logger, type Progress } from '@cultivar/sdk';
import { verifyPixels } from './canvas.js';
import { findInCsv } from './csv.js';
import { byCodePoint, type Candidate, type Dataset, type Layout, type Sample, type SetAside } from './dataset.js';
import { dropDuplicates } from './duplicates.js';
import { findInFolders } from './folders.js';
import { fileErrorReason, fileProblem, isFileError } from './image-problem.js';
import { defaultMaximumPixels, type ImageHeader, inspectImage, readImageFile } from './inspect.js';
import { Slots } from './slots.js';
import { checkStructure, isDeep } from './structure.js';

export interface ScanOptions {
  /** Pixels of an image at most. Default 200 million. */
  maximumPixels?: number;
  /** Decode every image as well, to find damage in the middle of a file too. Default false: what is cut off is found without. */
  decode?: boolean;
  /**
   * Labels in the order of a trained model. The dataset may then lack some of them, and must not have others.
   * Absent: the labels found, sorted, at least two of them.
   */
  classes?: readonly string[];
  logger?: Logger;
  progress?: Progress;
  signal?: AbortSignal;
}

/** Files read at the same time: enough to hide the latency of a network disk. Large ones take the place of several. */
const filesAtOnce = 16;
const bytesPerFile = 8 * 2 ** 20;
/** Images decoded at the same time, in pixels: 128 million, so that memory stays flat whatever comes. */
const pixelSlots = 64;
const pixelsPerSlot = 2_000_000;

/**
 * Finds and checks the images at a path.
 *
 * Layouts: a CSV file; a folder with a `split.csv` in it (the table counts, not the folders); `train/ val/ test/` folders
 * of class folders; class folders. A class is a folder's name; the files below it count at any depth. Hidden files
 * are passed over everywhere, and so is what lies beside the class folders.
 *
 * A file that cannot be used is in `setAside` with its reason, and is never fatal. Of files with the same bytes one
 * stays (see {@link Duplicate}).
 * @param path folder or CSV file
 * @throws CultivarError DATA_NOT_FOUND, DATA_UNREADABLE, DATA_CSV, DATA_EMPTY, DATA_FLAT, DATA_ONE_CLASS, DATA_CLASS_UNKNOWN;
 *   the signal's reason when aborted
 */
export async function scanDataset(path: string, options: ScanOptions = {}): Promise<Dataset> {
  options.signal?.throwIfAborted();
  const { root, layout, candidates, looseFiles } = await findCandidates(resolve(path));
  if (candidates.length === 0) throw failure(looseFiles > 0 ? 'DATA_FLAT' : 'DATA_EMPTY', { path: root });
  const classes = options.classes ? [...options.classes] : [...new Set(candidates.map(({ label }) => label))].sort(byCodePoint);
  const labels = new Map(classes.map((label, index) => [label, index]));
  const stranger = candidates.find(({ label }) => !labels.has(label));
  if (stranger) throw failure('DATA_CLASS_UNKNOWN', { path: root, label: stranger.label, known: classes.join(', ') });

  const checked = await checkAll(candidates, labels, options);
  const { samples, setAside, duplicates } = dropDuplicates(checked.samples, classes);
  const allSetAside = [...checked.setAside, ...setAside].sort((a, b) => byCodePoint(a.path, b.path));
  report({ setAside: allSetAside, dropped: duplicates.filter(({ conflicting }) => !conflicting).length }, options.logger);
  if (samples.length === 0) throw failure('DATA_EMPTY', { path: root }, allSetAside[0] && new Error(`${allSetAside[0].path}: ${allSetAside[0].reason}`));
  if (classes.length < 2 && !options.classes) throw failure('DATA_ONE_CLASS', { path: root, label: classes[0]! });
  return { root, layout, classes, samples, setAside: allSetAside, duplicates, contentHash: hashContent(samples, classes) };
}

async function findCandidates(path: string): Promise<{ root: string; layout: Layout; candidates: Candidate[]; looseFiles: number }> {
  const state = await stat(path).catch((error: unknown) => {
    if (!isFileError(error)) throw error;
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw failure('DATA_NOT_FOUND', { path }, error);
    throw failure('DATA_UNREADABLE', { path, reason: fileErrorReason(error) }, error);
  });
  const table = state.isDirectory() ? join(path, 'split.csv') : path;
  const listed = !state.isDirectory() || await stat(table).then((found) => found.isFile(), () => false);
  if (listed) return { root: dirname(table), layout: 'csv', candidates: await findInCsv(table), looseFiles: 0 };
  return { root: path, ...await findInFolders(path) };
}

async function checkAll(candidates: readonly Candidate[], labels: ReadonlyMap<string, number>, options: ScanOptions): Promise<{ samples: Sample[]; setAside: SetAside[] }> {
  const { signal, maximumPixels = defaultMaximumPixels, decode = false } = options;
  const task = options.progress?.start(decode ? 'Decoding images' : 'Checking images', candidates.length, 'images');
  const found: (Sample | SetAside)[] = Array.from({ length: candidates.length });
  const room: CheckingRoom = { bytes: new Slots(filesAtOnce), pixels: new Slots(pixelSlots) };
  let next = 0;
  const work = async () => {
    while (next < candidates.length) {
      signal?.throwIfAborted();
      const index = next;
      next += 1;
      const candidate = candidates[index]!;
      try {
        found[index] = await check(candidate, labels.get(candidate.label)!, { maximumPixels, decode, room });
      } catch (error) {
        const { code, message } = fileProblem(error);
        found[index] = { path: candidate.name, code, reason: message };
      }
      task?.advance();
    }
  };
  try {
    await Promise.all(Array.from({ length: filesAtOnce }, work));
  } finally {
    task?.finish();
  }
  return { samples: found.filter((item) => 'hash' in item), setAside: found.filter((item) => 'code' in item) };
}

interface CheckingRoom {
  bytes: Slots;
  pixels: Slots;
}
interface CheckOptions {
  maximumPixels: number;
  decode: boolean;
  room: CheckingRoom;
}

async function check({ path, name, split }: Candidate, label: number, options: CheckOptions): Promise<Sample> {
  const { size } = await stat(path);
  return await options.room.bytes.run(size / bytesPerFile, async () => {
    const bytes = await readImageFile(path);
    const header = await inspectImage(bytes, options.maximumPixels);
    await checkComplete(header, bytes, options);
    const hash = createHash('sha256').update(bytes).digest('hex');
    const { format, width, height } = header;
    return { path, name, label, ...(split && { split }), hash, format, width, height };
  });
}

/** @throws ImageProblem where the image is cut off or, with `decode`, damaged in any way that shows */
export async function checkComplete(header: ImageHeader, bytes: Buffer, { maximumPixels, decode, room }: CheckOptions): Promise<void> {
  const pixels = (header.width * header.height) / pixelsPerSlot;
  const sure = await (isDeep(header, bytes) ? room.pixels.run(pixels, () => checkStructure(header, bytes, maximumPixels)) : checkStructure(header, bytes, maximumPixels));
  if (!decode && sure) return;
  await room.pixels.run(pixels, () => verifyPixels(bytes, header, maximumPixels));
}

function report({ setAside, dropped }: { setAside: readonly SetAside[]; dropped: number }, logger?: Logger): void {
  if (setAside.length > 0) {
    const shown = setAside.slice(0, 5).map(({ path, reason }) => `\n  ${path}: ${reason}`);
    const rest = setAside.length - shown.length;
    logger?.warn(`${setAside.length} file(s) set aside:${shown.join('')}${rest > 0 ? `\n  and ${rest} more` : ''}`);
  }
  if (dropped > 0) logger?.warn(`${dropped} image(s) are there twice; one of each stays, the one to be evaluated on first`);
}

function hashContent(samples: readonly Sample[], classes: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(classes));
  for (const { name, label, split, hash: content } of samples) hash.update(JSON.stringify([name, label, split ?? '', content]));
  return hash.digest('hex');
}
