import { failure, isCultivarError } from '@cultivar/sdk';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { sha256Of } from '../checksum.js';
import { megabytes } from '../megabytes.js';
import { Fetcher } from './fetcher.js';
import { indexAddress, listFiles, type IndexFile } from './index-page.js';
import type { WheelRequest } from './pip.js';

const attempts = 4;

/**
 * Fetches the wheel from the index itself, for machines without pip. A download that broke off goes on where it stopped.
 * @returns path of the wheel
 * @throws CultivarError NATIVE_DOWNLOAD, NATIVE_VERSION, NATIVE_WHEEL
 */
export async function fetchDirectly(request: WheelRequest): Promise<string> {
  const fetcher = new Fetcher(request.environment, request.signal);
  const index = indexAddress(request.environment);
  try {
    const files = await again(request.signal, `${request.name} ${request.version}`, () => listFiles(index, request.name, fetcher));
    const version = (name: string) => name.split('-')[1] ?? '';
    const fitting = files.filter(({ name }) => request.tag.test(name));
    const file = fitting.find(({ name }) => version(name) === request.version);
    if (!file) throw failure('NATIVE_VERSION', { version: request.version, index: fetcher.shown(index), known: [...new Set(fitting.map(({ name }) => version(name)))].join(', ') || 'none' });
    await mkdir(request.folder, { recursive: true });
    const part = join(request.folder, `${file.name}.part`);
    await again(request.signal, file.name, () => fetchInto(part, file, fetcher, request));
    if (file.sha256) {
      const found = await sha256Of(part);
      if (found !== file.sha256) {
        await rm(part, { force: true });
        throw failure('NATIVE_WHEEL', { file: file.name, reason: `its SHA-256 is ${found}, the index says ${file.sha256}` });
      }
    }
    const place = join(request.folder, file.name);
    await rename(part, place);
    return place;
  } finally {
    await fetcher.close();
  }
}

async function fetchInto(part: string, file: IndexFile, fetcher: Fetcher, { progress, signal }: WheelRequest): Promise<void> {
  const had = (await stat(part).catch(() => undefined))?.size ?? 0;
  const response = await fetcher.get(file.url, had > 0 ? { range: `bytes=${had}-` } : {});
  // All of it is there already: its hash decides.
  if (response.status === 416) return;
  if (response.status !== 200 && response.status !== 206) throw new Error(`the server answered ${response.status}`);
  const from = response.status === 206 ? had : 0;
  const length = Number(response.headers.get('content-length') ?? 0);
  const bar = megabytes(progress, `Fetching ${file.name.split('-').slice(0, 2).join(' ')}`, from + length);
  let done = from;
  try {
    await pipeline(Readable.fromWeb(response.body as import('node:stream/web').ReadableStream), async function* counted(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        done += chunk.byteLength;
        bar.reach(done);
        yield chunk;
      }
    }, createWriteStream(part, { flags: from > 0 ? 'a' : 'w' }), { signal });
  } finally {
    bar.finish();
  }
}

/** Some attempts, with a pause in between; errors of ours are final. */
async function again<T>(signal: AbortSignal | undefined, file: string, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (isCultivarError(error) || signal?.aborted) throw error;
      if (attempt === attempts) throw failure('NATIVE_DOWNLOAD', { file, reason: reasonOf(error) }, error);
      await pause(200 * attempt ** 2, undefined, { signal });
    }
  }
}

/** fetch says only `fetch failed`; what happened is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message || (error.cause as NodeJS.ErrnoException).code}` : error.message;
}
