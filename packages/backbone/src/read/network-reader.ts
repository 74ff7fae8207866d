import { defaultCacheFolder, failure, isCultivarError, type Logger, type ModelLocation, type ModelReader, type Progress, type ReadNetwork } from '@cultivar/sdk';
import type { Patience } from '@cultivar/sdk/internal';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { convertGraph } from '../graph/convert.js';
import { endAt } from '../network/end-at.js';
import { fetchFiles } from './download.js';
import { loadLayersFiles } from './layers-model.js';
import { mobilenetAddress } from './mobilenet-address.js';
import { type ModelFiles, readLocalFiles } from './model-files.js';

export interface NetworkReaderOptions {
  /** Where fetched weights are kept. Default: CULTIVAR_CACHE, else XDG_CACHE_HOME/cultivar, else ~/.cache/cultivar. */
  cacheFolder?: string;
  /** Shows downloads. */
  progress?: Progress;
  /** Stops downloads. */
  signal?: AbortSignal;
  /** Told that a copy in the cache is damaged and fetched again. */
  logger?: Logger;
  /** How long servers may take. Default 15 seconds to connect, 30 without a byte. */
  patience?: Patience;
}

/** Reads networks from local files and URLs, in both formats of tfjs. */
export class NetworkReader implements ModelReader {
  private readonly options: NetworkReaderOptions & { cacheFolder: string };

  constructor(options: NetworkReaderOptions = {}) {
    this.options = { ...options, cacheFolder: options.cacheFolder ?? defaultCacheFolder() };
  }

  async read(request: ModelLocation): Promise<ReadNetwork> {
    return toNetwork(await this.files(request), request);
  }

  async mobilenet(request: { version: 1 | 2; alpha: number; location?: string; sha256?: string }): Promise<ReadNetwork> {
    return this.read({ location: request.location ?? mobilenetAddress(request.version, request.alpha), sha256: request.sha256 });
  }

  private async files({ location, sha256, crossOrigin }: ModelLocation): Promise<ModelFiles> {
    if (!/^https?:/i.test(location)) {
      return checked(await readLocalFiles(location.startsWith('file:') ? fileURLToPath(location) : resolve(location)), sha256);
    }
    try {
      return checked(await fetchFiles(location, { ...this.options, crossOrigin }), sha256);
    } catch (error) {
      if (!isCultivarError(error) || (error.code !== 'BACKBONE_CHECKSUM' && error.code !== 'BACKBONE_FORMAT')) throw error;
      // The copy in the cache may be old or damaged: fetched once more, it is as the server has it.
      return checked(await fetchFiles(location, { ...this.options, crossOrigin, anew: true }), sha256);
    }
  }
}

async function toNetwork(files: ModelFiles, request: ModelLocation): Promise<ReadNetwork> {
  const { format, location, sha256 } = files;
  if (request.format && request.format !== format) {
    throw failure('BACKBONE_FORMAT', { path: location, reason: `it is a ${format}, not a ${request.format}` });
  }
  if (format === 'graph-model') return { ...convertGraph(files, request), format, location, sha256 };
  const model = await loadLayersFiles(files, request.size);
  return { model: request.output === undefined ? model : endAt(model, request.output, location), format, location, sha256 };
}

function checked(files: ModelFiles, expected?: string): ModelFiles {
  if (expected !== undefined && expected.toLowerCase() !== files.sha256) {
    throw failure('BACKBONE_CHECKSUM', { path: files.location, found: files.sha256, expected });
  }
  return files;
}
