import { failure, fetchThroughProxy, type Progress } from '@cultivar/sdk';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { assembleFiles, type ModelFiles } from './model-files.js';
import { announcedBytes, parseModelJson } from './model-json.js';

export interface DownloadOptions {
  cacheFolder: string;
  progress?: Progress;
  signal?: AbortSignal;
}

const attempts = 3;

/**
 * Fetches model.json and its weight files into the cache, or takes them from there. Each file is written beside its
 * place and renamed; model.json comes last, so a folder that has one is complete, and an interrupted download goes on
 * with the files that it lacks. Proxies that the environment names are used.
 * @param address of a model.json, or of the folder that holds it; a query is kept and given to every file
 * @throws CultivarError BACKBONE_DOWNLOAD, BACKBONE_FORMAT
 */
export async function fetchFiles(address: string, options: DownloadOptions): Promise<ModelFiles> {
  const url = modelUrl(address);
  const folder = join(options.cacheFolder, 'models', cacheName(url));
  const text = await readFile(join(folder, 'model.json'), 'utf8').catch(() => fetchAll(url, folder, options));
  const shards = await Promise.all(shardNames(text, url).map((name) => readFile(join(folder, fileName(name)))));
  return assembleFiles(text, shards, url.href);
}

/** Forgets a cached copy, so that the next {@link fetchFiles} fetches it again. */
export async function forgetFiles(address: string, cacheFolder: string): Promise<void> {
  await rm(join(cacheFolder, 'models', cacheName(modelUrl(address))), { recursive: true, force: true });
}

function modelUrl(address: string): URL {
  const url = new URL(address);
  if (!url.pathname.endsWith('.json')) url.pathname = `${url.pathname.replace(/\/$/, '')}/model.json`;
  return url;
}

/** Folder of one address: a readable part, and a digest so that no two share one. */
function cacheName(url: URL): string {
  const digest = createHash('sha256').update(url.href).digest('hex').slice(0, 16);
  const readable = basename(url.pathname.replace(/\/model\.json$/, '')).replace(/[^\w.-]+/g, '-').slice(0, 60);
  return `${readable}-${digest}`;
}

function fileName(shard: string): string {
  return shard.replace(/[^\w.-]+/g, '-');
}

function shardNames(text: string, url: URL): string[] {
  return parseModelJson(text, url.href).weightsManifest!.flatMap((group) => group.paths);
}

async function fetchAll(url: URL, folder: string, options: DownloadOptions): Promise<string> {
  const text = new TextDecoder().decode(await fetchBytes(url, options));
  const manifest = parseModelJson(text, url.href).weightsManifest!;
  await mkdir(folder, { recursive: true });
  // Shards of an earlier, broken download count only if they belong to the same model.json.
  const plan = join(folder, 'model.json.fetched');
  if ((await readFile(plan, 'utf8').catch(() => '')) !== text) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(plan, text);
  }
  const names = manifest.flatMap((group) => group.paths);
  const task = options.progress?.start(`Fetching ${url.hostname}${url.pathname}`, names.length, 'files');
  try {
    for (const group of manifest) {
      let bytes = 0;
      for (const name of group.paths) {
        const place = join(folder, fileName(name));
        const kept = await stat(place).catch(() => undefined);
        bytes += kept?.size ?? (await keep(place, await fetchBytes(besides(url, name), options)));
        task?.advance();
      }
      const announced = announcedBytes(group.weights);
      if (bytes < announced.least || bytes > announced.most) {
        await rm(folder, { recursive: true, force: true });
        throw failure('BACKBONE_DOWNLOAD', { url: url.href, reason: `${bytes} bytes came where model.json announces ${announced.least}` });
      }
    }
  } finally {
    task?.finish();
  }
  const done = join(folder, 'model.json');
  await rename(plan, done).catch(async (error: unknown) => {
    // Another process that fetched the same may have been first.
    await stat(done).catch(() => {
      throw failure('OUTPUT_WRITE', { path: done, reason: reasonOf(error) }, error);
    });
  });
  return text;
}

function besides(url: URL, name: string): URL {
  const shard = new URL(name, url);
  shard.search ||= url.search;
  return shard;
}

/** Writes a whole file or none. @returns its size in bytes */
async function keep(place: string, bytes: Uint8Array): Promise<number> {
  const beside = `${place}.${randomBytes(4).toString('hex')}.part`;
  try {
    const file = await open(beside, 'w');
    await file.writeFile(bytes).finally(() => file.close());
    await rename(beside, place);
  } catch (error) {
    await rm(beside, { force: true });
    throw failure('OUTPUT_WRITE', { path: place, reason: reasonOf(error) }, error);
  }
  return bytes.byteLength;
}

/** @throws CultivarError BACKBONE_DOWNLOAD after three attempts, at once if the server says that there is no such file */
async function fetchBytes(url: URL, { signal }: DownloadOptions): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetchThroughProxy(url, { signal });
      if (response.ok) return new Uint8Array(await response.arrayBuffer());
      if (response.status < 500) throw failure('BACKBONE_DOWNLOAD', { url: url.href, reason: `the server answered ${response.status} ${response.statusText}`.trim() });
      throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
    } catch (error) {
      if (error instanceof Error && 'mend' in error) throw error;
      if (signal?.aborted) throw error;
      if (attempt === attempts) throw failure('BACKBONE_DOWNLOAD', { url: url.href, reason: reasonOf(error) }, error);
      await pause(200 * attempt ** 2, undefined, { signal });
    }
  }
}

/** undici says only `fetch failed`; what happened is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message || (error.cause as NodeJS.ErrnoException).code}` : error.message;
}
