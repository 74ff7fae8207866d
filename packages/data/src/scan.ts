/** Reads every file of a dataset once: what it is, whether it is whole, and whether it is there twice. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { failure, type CultivarError, type Logger, type Progress } from '@cultivar/sdk';
import { lostName } from '@cultivar/sdk/internal';
import { verifyPixels } from './canvas.js';
import { confusable, differenceOf, listed, nearlyIdentical } from './class-names.js';
import { findInCsv } from './csv.js';
import { byCodePoint, type Candidate, type Dataset, type Layout, type Sample, type SetAside } from './dataset.js';
import { dropDuplicates } from './duplicates.js';
import { maybeImage } from './folder-shape.js';
import { findInFolders } from './folders.js';
import { fileErrorReason, fileProblem, isFileError } from './image-problem.js';
import { defaultMaximumPixels, type ImageHeader, inspectImage, readImageFile } from './inspect.js';
import { tablesBeside } from './lists-beside.js';
import type { ReadingOptions, Understood } from './reading.js';
import { Slots } from './slots.js';
import { foldsOf } from './split.js';
import { checkStructure, isDeep } from './structure.js';
import { sentencesOf } from './understood.js';

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
  /** How folders and tables are to be understood where they leave it open. */
  reading?: ReadingOptions;
  logger?: Logger;
  /** Is told of files that are set aside or there twice. Default: `logger`. */
  leftOutLogger?: Logger;
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
 * Layouts: a CSV file (see {@link findInCsv}); a folder with a `split.csv` in it (the table counts, not the folders);
 * class folders; folders that are the parts of a split, and hold class folders (see {@link findInFolders}). A class is a
 * folder's name; the files below it count at any depth. Hidden files are passed over everywhere. How it was understood, and
 * what lies beside and is left out, is said and stands in `understood`; where it could be understood in more than one way
 * it is asked for.
 *
 * A file that cannot be used is in `setAside` with its reason, and is never fatal. Of files with the same bytes one
 * stays (see {@link Duplicate}).
 * @param path folder or CSV file
 * @throws CultivarError DATA_NOT_FOUND, DATA_UNREADABLE, DATA_CSV, DATA_CSV_COLUMNS, DATA_CSV_SPLIT, DATA_EMPTY, DATA_FLAT, DATA_LAYOUT_OPEN,
 *   DATA_UNLABELLED, DATA_SPLIT_UNKNOWN, DATA_UNUSABLE, DATA_ONE_CLASS, DATA_CLASS_UNKNOWN, COMMAND_INVALID where `reading` does not fit; the signal's reason when aborted
 */
export async function scanDataset(path: string, options: ScanOptions = {}): Promise<Dataset> {
  options.signal?.throwIfAborted();
  const { root, layout, candidates, found, understood, tables } = await findCandidates(resolve(path), options.reading ?? {}, options.signal);
  const classes = options.classes ? [...options.classes] : [...new Set(candidates.map(({ label }) => label))].sort(byCodePoint);
  const labels = new Map(classes.map((label, index) => [label, index]));
  const stranger = candidates.find(({ label }) => !labels.has(label));
  if (stranger) throw unknownClass(root, stranger.label, classes);

  const checked = await checkAll(candidates, labels, options);
  const { samples, setAside, duplicates } = dropDuplicates(checked.samples, classes);
  const allSetAside = [...found, ...checked.setAside, ...setAside].sort((a, b) => byCodePoint(a.path, b.path));
  const sentences = sentencesOf(understood, samples);
  const leftOut = [...understood.leftOut, ...confusable(classes)];
  for (const sentence of [...sentences, ...understood.notes]) options.logger?.info(`${sentence}.`);
  for (const sentence of leftOut) options.logger?.warn(`${sentence}.`);
  report({ setAside: allSetAside, dropped: duplicates.filter(({ conflicting }) => !conflicting).length }, options.leftOutLogger ?? options.logger);
  const first = allSetAside[0];
  if (samples.length === 0 && first) throw failure('DATA_UNUSABLE', { path: root, count: allSetAside.length, name: first.path, reason: first.reason });
  if (samples.length === 0) throw failure('DATA_EMPTY', { path: root, tables: '' });
  if (classes.length < 2 && !options.classes) throw failure('DATA_ONE_CLASS', { path: root, label: classes[0]!, tables });
  return { root, layout, classes, samples, setAside: allSetAside, duplicates, understood: [...sentences, ...understood.notes, ...leftOut], contentHash: hashContent(samples, classes) };
}

function unknownClass(path: string, label: string, classes: readonly string[]): CultivarError {
  const twin = nearlyIdentical(label, classes);
  return failure('DATA_CLASS_UNKNOWN', { path, label, known: listed(classes, 20), near: twin === undefined ? '' : `; its class ${twin} differs ${differenceOf(label, twin)}` });
}

interface Found {
  root: string;
  layout: Layout;
  candidates: Candidate[];
  /** What could not even be a candidate. */
  found: SetAside[];
  understood: Understood;
  /** CSV files beside, as the end of a sentence. */
  tables: string;
}

/**
 * Finds what may be images and says how they are labelled; opens no image.
 * @param path absolute
 */
async function findCandidates(path: string, reading: ReadingOptions, signal?: AbortSignal): Promise<Found> {
  const state = await stat(path).catch((error: unknown) => {
    if (!isFileError(error)) throw error;
    const lost = lostName(path);
    if (lost !== undefined) throw failure('DATA_UNREADABLE', { path, reason: lost }, error);
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw failure('DATA_NOT_FOUND', { path }, error);
    throw failure('DATA_UNREADABLE', { path, reason: fileErrorReason(error) }, error);
  });
  const table = state.isDirectory() ? join(path, 'split.csv') : path;
  const listed = !state.isDirectory() || await stat(table).then((one) => one.isFile(), () => false);
  if (listed) {
    if (reading.classFolders !== undefined) throw failure('COMMAND_INVALID', { reason: `The setting classFolders (--class-folders) is about folders, and ${table} is a table` });
    return { root: dirname(table), layout: 'csv', found: [], tables: '', ...await findInCsv(table, reading, signal) };
  }
  if (reading.csv !== undefined) throw failure('COMMAND_INVALID', { reason: `The setting csv (--csv) is about the columns of a CSV file, and ${path} is a folder without a split.csv: give the path of the file` });
  const { tree, setAside, ...rest } = await findInFolders(path, reading, signal);
  const tables = tablesBeside(tree, path);
  if (rest.candidates.length === 0 && setAside.length === 0) {
    throw failure(tree.files.some(maybeImage) ? 'DATA_FLAT' : 'DATA_EMPTY', { path, tables });
  }
  return { root: path, found: setAside, tables, ...rest };
}

/**
 * @returns names of the folds of cross-validation that the data bring, in their order; opens no image
 * @throws CultivarError with a DATA_ code
 */
export async function findFolds(path: string, reading: ReadingOptions = {}): Promise<string[]> {
  return foldsOf({ samples: (await findCandidates(resolve(path), reading)).candidates });
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

async function check({ path, name, split, fold }: Candidate, label: number, options: CheckOptions): Promise<Sample> {
  const { size } = await stat(path);
  return await options.room.bytes.run(size / bytesPerFile, async () => {
    const bytes = await readImageFile(path);
    const header = await inspectImage(bytes, options.maximumPixels);
    await checkComplete(header, bytes, options);
    const hash = createHash('sha256').update(bytes).digest('hex');
    const { format, width, height, beforeProfile } = header;
    return { path, name, label, ...(split && { split }), ...(fold !== undefined && { fold }), hash, format, width, height, ...(beforeProfile && { beforeProfile }) };
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
    // A line each: a name may hold a line break, which the terminal then shows as one.
    const shown = setAside.slice(0, 5);
    const rest = setAside.length - shown.length;
    logger?.warn(`${setAside.length} file(s) set aside:`);
    for (const { path, reason } of shown) logger?.warn(`  ${path}: ${reason}`);
    if (rest > 0) logger?.warn(`  and ${rest} more`);
  }
  if (dropped > 0) logger?.warn(`${dropped} image(s) are there twice; one of each stays, the one to be evaluated on first`);
}

function hashContent(samples: readonly Sample[], classes: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(classes));
  for (const { name, label, split, fold, hash: content } of samples) hash.update(JSON.stringify([name, label, split ?? '', content, ...(fold === undefined ? [] : [fold])]));
  return hash.digest('hex');
}
