import { failure, isCultivarError, type Progress } from '@cultivar/sdk';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { open, type Entry, type ZipFile } from 'yauzl';
import { megabytes } from '../megabytes.js';

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
 * Takes the libraries and the headers that are needed out of a wheel. What comes out must be what the wheel's own list
 * of checksums (RECORD) says.
 * @throws CultivarError NATIVE_WHEEL, NATIVE_WRITE
 */
export async function unpackWheel(path: string, options: UnpackOptions): Promise<void> {
  const wheel = basename(path);
  try {
    const archive = await Archive.open(path);
    try {
      await takeLibraries(archive, options);
      await takeHeaders(archive, options);
    } finally {
      archive.close();
    }
  } catch (error) {
    if (isCultivarError(error) || options.signal?.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof Error && 'syscall' in error) throw failure('NATIVE_WRITE', { path: options.folder, reason }, error);
    throw failure('NATIVE_WHEEL', { file: wheel, reason }, error);
  }
}

async function takeLibraries(archive: Archive, { folder, libraries, progress, signal }: UnpackOptions): Promise<void> {
  const entries = libraries.map((name) => archive.entry(`tensorflow/${name}`));
  const bar = megabytes(progress, 'Unpacking TensorFlow', entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0));
  let done = 0;
  await mkdir(join(folder, 'lib'), { recursive: true });
  try {
    for (const entry of entries) {
      const hash = createHash('sha256');
      await pipeline(await archive.stream(entry), async function* counted(chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          done += chunk.byteLength;
          bar.reach(done);
          yield chunk;
        }
      }, createWriteStream(join(folder, 'lib', basename(entry.fileName))), { signal });
      await archive.check(entry, hash.digest('base64url'));
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
    const text = await buffer(await archive.stream(entry));
    await archive.check(entry, createHash('sha256').update(text).digest('base64url'));
    await mkdir(dirname(place), { recursive: true });
    await pipeline([text], createWriteStream(place));
    wanted.push(...includes(text.toString('utf8')));
  }
  if (!seen.has('tensorflow/c/eager/c_api.h')) throw new Error('it holds no headers of the C interface');
}

/** A zip file, read entry by entry. */
class Archive {
  private checksums?: Map<string, string>;

  private constructor(private readonly zip: ZipFile, readonly entries: ReadonlyMap<string, Entry>) {}

  static open(path: string): Promise<Archive> {
    return new Promise((resolve, reject) => {
      open(path, { lazyEntries: true, autoClose: false }, (error, zip) => {
        if (error) return reject(error);
        const entries = new Map<string, Entry>();
        zip.on('entry', (entry: Entry) => {
          entries.set(entry.fileName, entry);
          zip.readEntry();
        });
        zip.on('end', () => resolve(new Archive(zip, entries)));
        zip.on('error', reject);
        zip.readEntry();
      });
    });
  }

  entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (!entry) throw new Error(`it holds no ${name}`);
    return entry;
  }

  stream(entry: Entry): Promise<Readable> {
    return new Promise((resolve, reject) => {
      this.zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)));
    });
  }

  /** @param sha256 of what came out, in base64url without padding, as RECORD has it */
  async check({ fileName }: Entry, sha256: string): Promise<void> {
    this.checksums ??= await this.readChecksums();
    const expected = this.checksums.get(fileName);
    if (expected !== sha256) throw new Error(`${fileName} is damaged: its checksum is ${sha256}, not ${expected ?? 'listed'}`);
  }

  private async readChecksums(): Promise<Map<string, string>> {
    const name = [...this.entries.keys()].find((one) => /^[^/]+\.dist-info\/RECORD$/.test(one));
    const text = (await buffer(await this.stream(this.entry(name ?? 'RECORD')))).toString('utf8');
    return new Map(Array.from(text.matchAll(/^"?([^",\n]+)"?,sha256=([\w-]+),/gm), (match) => [match[1]!, match[2]!]));
  }

  close(): void {
    this.zip.close();
  }
}
