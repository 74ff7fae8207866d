import { failure, isCultivarError, withoutCredentials } from '@cultivar/sdk';
import { attempt, download, downloadReason, megabytes } from '@cultivar/sdk/internal';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '../checksum.js';
import { indexAddress, listFiles, type IndexFile } from './index-page.js';
import type { WheelRequest } from './pip.js';
import { newest, versionsAmong } from './wheel-name.js';

const attempts = 4;
/** Bytes; the largest there are hold nine hundred million. */
const largestWheel = 4e9;

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
    throw failure('NATIVE_VERSION', { wanted: request.name + request.versions, index: withoutCredentials(index), known });
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
  let bar: ReturnType<typeof megabytes> | undefined;
  let done = 0;
  try {
    await download(file.url, (from) => {
      done = from;
      return createWriteStream(part, { flags: from > 0 ? 'a' : 'w' });
    }, {
      // What is all there already has nothing more to come: its hash decides.
      limit: largestWheel, from: had, signal,
      onPiece: (piece, announced) => {
        bar ??= megabytes(progress, `Fetching ${file.name.split('-')[0]!.replaceAll('_', '-')}`, announced ?? 0);
        done += piece.byteLength;
        bar.reach(done);
      },
    });
  } finally {
    bar?.finish();
  }
}

/** Some attempts, with a pause in between; errors of ours are final. */
async function again<T>(signal: AbortSignal | undefined, file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await attempt(attempts, signal, work, isCultivarError);
  } catch (error) {
    if (isCultivarError(error) || signal?.aborted) throw error;
    throw failure('NATIVE_DOWNLOAD', { file, reason: downloadReason(error) }, error);
  }
}
