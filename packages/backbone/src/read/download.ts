import { failure, isCultivarError, withoutCredentials, type Logger, type Progress } from '@cultivar/sdk';
import { attempt, downloadFile, downloadReason, isSystemError, lockFolder, makeFolder, megabytes, partOf, writeFailure, type Patience } from '@cultivar/sdk/internal';
import { createHash } from 'node:crypto';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { keepOnly, readAllVerified, readFetchRecord, recordName, verifiedFiles, writeFetchRecord, type FetchRecord } from './cached-files.js';
import { assembleFiles, type ModelFiles } from './model-files.js';
import { checkAnnounced, modelJsonLimit, parseModelJson } from './model-json.js';

export interface DownloadOptions {
  cacheFolder: string;
  progress?: Progress;
  signal?: AbortSignal;
  /** Told that a copy in the cache is damaged, and of a download that is waited for. */
  logger?: Logger;
  /** How long servers may take. */
  patience?: Patience;
  /** Whether weight files may lie at another origin than model.json. Default `false`. */
  crossOrigin?: boolean;
  /** Fetches all of it, whatever is in the cache. */
  anew?: boolean;
}

const attempts = 3;

/** Milliseconds that a download waits for another of the same files. */
const longestWait = 30 * 60_000;
/** Milliseconds after which one that writes nothing has died: with the patience that there is by default it ends before. */
const stillness = 5 * 60_000;

/**
 * Fetches model.json and its weight files into the cache, or takes them from there, verified against what was written down when they came. Each file is
 * written beside its place, piece by piece, and renamed; the record says last that all are there, and an interrupted download goes on with the files
 * that it lacks. Of several downloads of one address, in whichever processes, one is made, and the others wait for it. Proxies that the environment names are used.
 * @param address of a model.json, or of the folder that holds it; a query is kept and given to every file
 * @throws CultivarError BACKBONE_DOWNLOAD, BACKBONE_FORMAT, OUTPUT_WRITE, OUTPUT_BUSY
 */
export async function fetchFiles(address: string, options: DownloadOptions): Promise<ModelFiles> {
  const url = modelUrl(address);
  const folder = join(options.cacheFolder, 'models', cacheName(url));
  const [model, ...shards] = (options.anew ? undefined : await readWhole(folder)) ?? await fetchAlone(url, folder, options);
  return assembleFiles(model!, shards, withoutCredentials(url));
}

/** A copy that is there and as it was fetched. Nothing is written: the cache may be one that others fill. */
async function readWhole(folder: string): Promise<Buffer[] | undefined> {
  const record = await readFetchRecord(folder);
  return record?.whole ? readAllVerified(folder, record) : undefined;
}

/** Fetches while no other does; what another has fetched meanwhile is taken. */
async function fetchAlone(url: URL, folder: string, options: DownloadOptions): Promise<Buffer[]> {
  // Something else may stand where the folder should.
  if ((await stat(folder).catch(() => undefined))?.isDirectory() === false) await rm(folder, { force: true });
  await makeFolder(folder);
  const { logger, signal } = options;
  const lock = await lockFolder(folder, {
    patience: longestWait, stillness, signal, waiting: (owner, path) => logger?.info(`${withoutCredentials(url)} is being fetched by ${owner}; this run waits for it. If it surely runs no longer, remove ${path}.`),
  });
  try {
    const meanwhile = options.anew ? undefined : await readWhole(folder);
    if (meanwhile) return meanwhile;
    const files = await readAllVerified(folder, await fetchMissing(url, folder, options));
    if (!files) throw failure('OUTPUT_WRITE', { path: folder, reason: 'what was written there is not what is read' });
    return files;
  } finally {
    await lock.release();
  }
}

/** What is there and as it was fetched is kept; of a copy that is to be fetched anew as long as the server does not answer. */
async function fetchMissing(url: URL, folder: string, options: DownloadOptions): Promise<FetchRecord> {
  const record = await readFetchRecord(folder);
  const kept = record ? await verifiedFiles(folder, record) : [];
  const damaged = record?.whole && kept.length < record.files.length;
  if (damaged) options.logger?.warn(`The copy of ${withoutCredentials(url)} in the cache is damaged; it is fetched again.`);
  await keepOnly(folder, record ? [recordName, ...kept.map(({ name }) => name)] : []);
  return fetchAll(url, folder, options, options.anew ? undefined : record && { model: record.files[0]!.sha256, kept }).catch((error: unknown) => {
    if (!damaged || !isCultivarError(error) || error.code !== 'BACKBONE_DOWNLOAD') throw error;
    throw failure('BACKBONE_DOWNLOAD', { url: withoutCredentials(url), reason: `the copy in ${folder} is damaged, and it cannot be fetched again: ${downloadReason(error.cause ?? error)}` }, error);
  });
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

/** @param before SHA-256 of the model.json of an earlier, broken download, and what is there of it */
async function fetchAll(url: URL, folder: string, options: DownloadOptions, before: { model: string; kept: FetchRecord['files'] } | undefined): Promise<FetchRecord> {
  const model = await keep(url, folder, 'model.json', modelJsonLimit, options);
  const groups = parseModelJson(await readFile(join(folder, model.name), 'utf8'), withoutCredentials(url)).weightsManifest!;
  const announced = checkAnnounced(groups.flatMap(({ weights }) => weights), withoutCredentials(url));
  // What came then counts, but only if it belongs to the same model.json.
  const had = before?.model === model.sha256 ? before.kept : [];
  const record: FetchRecord = { whole: false, files: [model] };
  const bar = megabytes(options.progress, `Fetching ${url.hostname}${url.pathname}`, announced.least);
  let done = 0;
  try {
    for (const [index, path] of groups.flatMap(({ paths }) => paths).entries()) {
      const name = fileName(path, index);
      const shard = had.find((file) => file.name === name) ?? await keep(besides(url, path, options), folder, name, announced.most - done, options, (bytes) => bar.reach(done + bytes));
      done += shard.bytes;
      bar.reach(done);
      record.files.push(shard);
      await writeFetchRecord(folder, record);
    }
  } finally {
    bar.finish();
  }
  if (done < announced.least) {
    await rm(join(folder, recordName), { force: true });
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
const isOfDisk = (error: unknown): boolean => isSystemError(error) && (error.path !== undefined || ['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EIO'].includes(error.code ?? ''));
