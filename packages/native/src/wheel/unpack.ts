import { failure, isCultivarError, type Progress } from '@cultivar/sdk';
import { isSystemError, systemReason } from '@cultivar/sdk/internal';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { megabytes } from '@cultivar/sdk/internal';
import { Archive } from './archive.js';

const headers = 'tensorflow/include/';
const includePattern = /^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]/gm;

export const includes = (source: string): string[] => Array.from(source.matchAll(includePattern), (match) => match[1]!);

export interface UnpackOptions {
  /** Gets `lib/` and `include/`. */
  folder: string;
  /** Files of the wheel's folder `tensorflow/`. */
  libraries: readonly string[];
  /** Headers that the binding includes; what they include comes along, and nothing else. */
  headers: readonly string[];
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * Takes the libraries and the headers that are needed out of a wheel of TensorFlow.
 * @returns the wheel's METADATA
 * @throws CultivarError NATIVE_WHEEL, NATIVE_WRITE
 */
export function unpackWheel(path: string, options: UnpackOptions): Promise<string> {
  return fromWheel(path, options, async (archive) => {
    await take(archive, options.libraries.map((name) => `tensorflow/${name}`), (name) => join(options.folder, 'lib', basename(name)), { label: 'Unpacking TensorFlow', ...options });
    await takeHeaders(archive, options);
    return archive.about('METADATA');
  });
}

/** Opens a wheel; what goes wrong becomes an error that names the wheel, or the folder that could not be written. */
export async function fromWheel<Result>(path: string, { folder, signal }: { folder: string; signal?: AbortSignal }, work: (archive: Archive) => Promise<Result>): Promise<Result> {
  try {
    const archive = await Archive.open(path);
    try {
      return await work(archive);
    } finally {
      archive.close();
    }
  } catch (error) {
    if (isCultivarError(error) || signal?.aborted) throw error;
    if (isSystemError(error)) throw failure('NATIVE_WRITE', { path: folder, reason: systemReason(error) }, error);
    throw failure('NATIVE_WHEEL', { file: basename(path), reason: systemReason(error) }, error);
  }
}

/** Writes these entries to their places, with one bar for all of them. */
export async function take(archive: Archive, names: readonly string[], place: (name: string) => string, { label, progress, signal }: { label: string; progress?: Progress; signal?: AbortSignal }): Promise<void> {
  const entries = names.map((name) => archive.entry(name));
  const bar = megabytes(progress, label, entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0));
  let done = 0;
  try {
    for (const entry of entries) {
      await archive.extract(entry, place(entry.fileName), (count) => {
        done += count;
        bar.reach(done);
      }, signal);
    }
  } finally {
    bar.finish();
  }
}

async function takeHeaders(archive: Archive, { folder, headers: first }: UnpackOptions): Promise<void> {
  const wanted = [...first];
  const seen = new Set<string>();
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    // A header of the system or of Node, or one that stands in a branch not taken, is not in the wheel.
    const entry = archive.entries.get(headers + name);
    if (!entry || seen.has(name)) continue;
    seen.add(name);
    const place = join(folder, 'include', name);
    const text = await archive.bytes(entry);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, text);
    wanted.push(...includes(text.toString('utf8')));
  }
  if (!seen.has('tensorflow/c/eager/c_api.h')) throw new Error('it holds no headers of the C interface');
}
