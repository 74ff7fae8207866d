import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { open, type Entry, type ZipFile } from 'yauzl';

/**
 * A wheel (a zip file, PEP 427), read entry by entry. What comes out must be what its own list of checksums says.
 * What its methods throw is a plain Error that says what is wrong with it.
 */
export class Archive {
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

  /** A file of the folder `NAME-VERSION.dist-info/`, which is not in the list of checksums. */
  async about(name: 'METADATA' | 'RECORD'): Promise<string> {
    const path = [...this.entries.keys()].find((one) => /^[^/]+\.dist-info\//.test(one) && one.endsWith(`/${name}`));
    return (await buffer(await this.stream(this.entry(path ?? name)))).toString('utf8');
  }

  async bytes(entry: Entry): Promise<Buffer> {
    const bytes = await buffer(await this.stream(entry));
    await this.check(entry, createHash('sha256').update(bytes).digest('base64url'));
    return bytes;
  }

  /** @param onBytes gets the number of bytes of each piece that is written */
  async extract(entry: Entry, place: string, onBytes?: (count: number) => void, signal?: AbortSignal): Promise<void> {
    const hash = createHash('sha256');
    await mkdir(dirname(place), { recursive: true });
    await pipeline(await this.stream(entry), async function* counted(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        onBytes?.(chunk.byteLength);
        yield chunk;
      }
    }, createWriteStream(place), { signal });
    await this.check(entry, hash.digest('base64url'));
  }

  close(): void {
    this.zip.close();
  }

  private stream(entry: Entry): Promise<Readable> {
    return new Promise((resolve, reject) => {
      this.zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)));
    });
  }

  /** @param sha256 of what came out, in base64url without padding, as RECORD has it */
  private async check({ fileName }: Entry, sha256: string): Promise<void> {
    this.checksums ??= await this.readChecksums();
    const expected = this.checksums.get(fileName);
    if (expected !== sha256) throw new Error(`${fileName} is damaged: its checksum is ${sha256}, not ${expected ?? 'listed'}`);
  }

  private async readChecksums(): Promise<Map<string, string>> {
    return new Map(Array.from((await this.about('RECORD')).matchAll(/^"?([^",\n]+)"?,sha256=([\w-]+),/gm), (match) => [match[1]!, match[2]!]));
  }
}
