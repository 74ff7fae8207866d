import { failure, isCultivarError } from '@cultivar/sdk';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { sha256Of } from '../checksum.js';
import { megabytes } from '../megabytes.js';
import { get, shown } from './fetcher.js';
import { indexAddress, listFiles, type IndexFile } from './index-page.js';
import type { WheelRequest } from './pip.js';
import { newest, versionsAmong } from './wheel-name.js';

const attempts = 4;

/**
 * Fetches the wheel from the index itself, for machines without pip. A download that broke off goes on where it stopped.
 * @returns path of the wheel
 * @throws CultivarError NATIVE_DOWNLOAD, NATIVE_VERSION, NATIVE_WHEEL
 */
export async function fetchDirectly(request: WheelRequest): Promise<string> {
  const index = indexAddress(request.environment);
  const files = await again(request.signal, request.name, () => listFiles(index, request.name, request.signal));
  const file = newest(files, request);
  if (!file) {
    const known = versionsAmong(files.map(({ name }) => name), request).join(', ') || 'none';
    throw failure('NATIVE_VERSION', { wanted: request.name + request.versions, index: shown(index), known });
  }
  await mkdir(request.folder, { recursive: true });
  const part = join(request.folder, `${file.name}.part`);
  await again(request.signal, file.name, () => fetchInto(part, file, request));
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
}

async function fetchInto(part: string, file: IndexFile, { progress, signal }: WheelRequest): Promise<void> {
  const had = (await stat(part).catch(() => undefined))?.size ?? 0;
  const response = await get(file.url, { headers: had > 0 ? { range: `bytes=${had}-` } : {}, signal });
  // All of it is there already: its hash decides.
  if (response.status === 416) return;
  if (response.status !== 200 && response.status !== 206) throw new Error(`the server answered ${response.status}`);
  const from = response.status === 206 ? had : 0;
  const length = Number(response.headers.get('content-length') ?? 0);
  const bar = megabytes(progress, `Fetching ${file.name.split('-')[0]!.replaceAll('_', '-')}`, from + length);
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
