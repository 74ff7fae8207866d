import { failure, isCultivarError, withoutCredentials, type Logger, type Progress } from '@cultivar/sdk';
import { attempt, downloadFile, downloadReason, makeFolder, megabytes, partOf, writeFailure, type Patience } from '@cultivar/sdk/internal';
import { createHash } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readFetchRecord, readVerified, writeFetchRecord, type FetchRecord } from './cached-files.js';
import { assembleFiles, type ModelFiles } from './model-files.js';
import { checkAnnounced, modelJsonLimit, parseModelJson } from './model-json.js';

export interface DownloadOptions {
  cacheFolder: string;
  progress?: Progress;
  signal?: AbortSignal;
  /** Told that a copy in the cache is damaged. */
  logger?: Logger;
  /** How long servers may take. */
  patience?: Patience;
  /** Whether weight files may lie at another origin than model.json. Default `false`. */
  crossOrigin?: boolean;
}

const attempts = 3;

/**
 * Fetches model.json and its weight files into the cache, or takes them from there, verified against what was written down when they came. Each file is
 * written beside its place, piece by piece, and renamed; the record says last that all are there, and an interrupted download goes on with the files
 * that it lacks. Proxies that the environment names are used.
 * @param address of a model.json, or of the folder that holds it; a query is kept and given to every file
 * @throws CultivarError BACKBONE_DOWNLOAD, BACKBONE_FORMAT, OUTPUT_WRITE
 */
export async function fetchFiles(address: string, options: DownloadOptions): Promise<ModelFiles> {
  const url = modelUrl(address);
  const folder = join(options.cacheFolder, 'models', cacheName(url));
  const record = await readFetchRecord(folder);
  const cached = record?.whole ? await readAll(folder, record) : undefined;
  if (cached) return assembled(cached, url);
  if (record?.whole) options.logger?.warn(`The copy of ${withoutCredentials(url)} in the cache is damaged; it is fetched again.`);
  const fetched = await fetchAll(url, folder, options, record).catch(async (error: unknown) => {
    if (isCultivarError(error) && error.code === 'OUTPUT_WRITE') {
      // Something else may stand where a file should, such as a folder.
      await rm(folder, { recursive: true, force: true });
      return fetchAll(url, folder, options, undefined);
    }
    if (!record?.whole || !isCultivarError(error) || error.code !== 'BACKBONE_DOWNLOAD') throw error;
    throw failure('BACKBONE_DOWNLOAD', { url: withoutCredentials(url), reason: `the copy in ${folder} is damaged, and it cannot be fetched again: ${downloadReason(error.cause ?? error)}` }, error);
  });
  const files = await readAll(folder, fetched);
  if (!files) throw failure('OUTPUT_WRITE', { path: folder, reason: 'what was written there is not what is read' });
  return assembled(files, url);
}

/** Forgets a cached copy, so that the next {@link fetchFiles} fetches it again. */
export async function forgetFiles(address: string, cacheFolder: string): Promise<void> {
  await rm(join(cacheFolder, 'models', cacheName(modelUrl(address))), { recursive: true, force: true });
}

function assembled([model, ...shards]: Buffer[], url: URL): ModelFiles {
  return assembleFiles(model!, shards, withoutCredentials(url));
}

function modelUrl(address: string): URL {
  const url = new URL(address);
  if (!url.pathname.endsWith('.json')) url.pathname = `${url.pathname.replace(/\/$/, '')}/model.json`;
  return url;
}

/** Folder of one address: a readable part, and a digest so that no two share one. */
function cacheName(url: URL): string {
  const digest = createHash('sha256').update(url.href).digest('hex').slice(0, 16);
  return `${readable(basename(url.pathname.replace(/\/model\.json$/, '')))}-${digest}`;
}

const readable = (name: string): string => name.replace(/[^\w.-]+/g, '-').slice(0, 60);

/** Name in the cache: the number keeps apart what reads alike. */
const fileName = (shard: string, index: number): string => `${index + 1}-${readable(shard)}`;

/** @returns undefined where one is not as it was fetched */
async function readAll(folder: string, { files }: FetchRecord): Promise<Buffer[] | undefined> {
  const found: Buffer[] = [];
  for (const file of files) {
    const bytes = await readVerified(folder, file);
    if (!bytes) return undefined;
    found.push(bytes);
  }
  return found;
}

async function fetchAll(url: URL, folder: string, options: DownloadOptions, before: FetchRecord | undefined): Promise<FetchRecord> {
  await makeFolder(folder);
  const model = await keep(url, folder, 'model.json', modelJsonLimit, options);
  const groups = parseModelJson(await readFile(join(folder, model.name), 'utf8'), withoutCredentials(url)).weightsManifest!;
  const announced = checkAnnounced(groups.flatMap(({ weights }) => weights), withoutCredentials(url));
  // Of an earlier, broken download what came counts, but only if it belongs to the same model.json.
  const had = before?.files[0]?.sha256 === model.sha256 ? before.files : [];
  const record: FetchRecord = { whole: false, files: [model] };
  const bar = megabytes(options.progress, `Fetching ${url.hostname}${url.pathname}`, announced.least);
  let done = 0;
  try {
    for (const [index, path] of groups.flatMap(({ paths }) => paths).entries()) {
      const name = fileName(path, index);
      const kept = had.find((file) => file.name === name);
      const there = kept && (await readVerified(folder, kept)) ? kept : undefined;
      const shard = there ?? await keep(besides(url, path, options), folder, name, announced.most - done, options, (bytes) => bar.reach(done + bytes));
      done += shard.bytes;
      bar.reach(done);
      record.files.push(shard);
      await writeFetchRecord(folder, record);
    }
  } finally {
    bar.finish();
  }
  if (done < announced.least) {
    await rm(folder, { recursive: true, force: true });
    throw failure('BACKBONE_DOWNLOAD', { url: withoutCredentials(url), reason: `${done} bytes came where model.json announces ${announced.least}` });
  }
  record.whole = true;
  await writeFetchRecord(folder, record);
  return record;
}

/** Address of a weight file. @throws CultivarError BACKBONE_DOWNLOAD where model.json sends to another origin */
function besides(url: URL, name: string, { crossOrigin = false }: DownloadOptions): URL {
  const refused = (reason: string) => failure('BACKBONE_DOWNLOAD', { url: withoutCredentials(url), reason });
  if (!URL.canParse(name, url.href)) throw refused(`its weight file ${name} has no address`);
  const shard = new URL(name, url);
  if (shard.protocol !== 'http:' && shard.protocol !== 'https:') throw refused(`its weight file ${name} lies at ${shard.protocol}`);
  if (url.protocol === 'https:' && shard.protocol !== 'https:') throw refused(`its weight file ${name} lies at http, itself at https`);
  if (shard.origin !== url.origin && !crossOrigin) throw refused(`its weight files lie at another origin, ${shard.origin}, which crossOrigin=true allows`);
  // A relative one has the name and password of model.json with it.
  if (shard.origin === url.origin) [shard.username, shard.password] = [url.username, url.password];
  shard.search ||= shard.origin === url.origin ? url.search : '';
  return shard;
}

/** Fetches a whole file or none. @throws CultivarError BACKBONE_DOWNLOAD after three attempts, at once where another would not help; OUTPUT_WRITE */
async function keep(
  url: URL, folder: string, name: string, limit: number, { signal, patience }: DownloadOptions, reached: (bytes: number) => void = () => undefined,
): Promise<FetchRecord['files'][number]> {
  const place = join(folder, name);
  try {
    return await attempt(attempts, signal, async () => {
      const part = partOf(place);
      try {
        let bytes = 0;
        const came = await downloadFile(url, part, { limit, signal, patience, onPiece: (piece) => reached(bytes += piece.byteLength) });
        await rename(part, place);
        return { name, ...came };
      } catch (error) {
        await rm(part, { force: true });
        throw isOfDisk(error) ? writeFailure(place, error) : error;
      }
    }, isCultivarError);
  } catch (error) {
    if (isCultivarError(error) || signal?.aborted) throw error;
    throw failure('BACKBONE_DOWNLOAD', { url: withoutCredentials(url), reason: downloadReason(error) }, error);
  }
}

/** What the file system refused, not the network. */
const isOfDisk = (error: unknown): boolean => typeof (error as NodeJS.ErrnoException).path === 'string';
