import { failure, type ModelLocation, type ModelReader, type Progress, type ReadNetwork } from '@cultivar/sdk';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadLayersFiles } from './layers-model.js';
import { type ModelFiles, readLocalFiles } from './model-files.js';

export interface NetworkReaderOptions {
  /** Where fetched weights are kept. Default: CULTIVAR_CACHE, else XDG_CACHE_HOME/cultivar, else ~/.cache/cultivar. */
  cacheFolder?: string;
  /** Shows downloads. */
  progress?: Progress;
  /** Stops downloads. */
  signal?: AbortSignal;
}

/** Reads networks from local files and URLs, in both formats of tfjs. */
export class NetworkReader implements ModelReader {
  constructor(readonly options: NetworkReaderOptions = {}) {}

  async read(request: ModelLocation): Promise<ReadNetwork> {
    return this.toNetwork(await this.files(request), request);
  }

  async mobilenet(request: { version: 1 | 2; alpha: number; location?: string; sha256?: string }): Promise<ReadNetwork> {
    return this.read({ ...request, location: request.location! });
  }

  private async files({ location, sha256 }: ModelLocation): Promise<ModelFiles> {
    const files = await readLocalFiles(location.startsWith('file:') ? fileURLToPath(location) : resolve(location));
    checkSum(files, sha256);
    return files;
  }

  private async toNetwork(files: ModelFiles, request: ModelLocation): Promise<ReadNetwork> {
    const { format, location, sha256 } = files;
    if (request.format && request.format !== format) {
      throw failure('BACKBONE_FORMAT', { path: location, reason: `it is a ${format}, not a ${request.format}` });
    }
    return { model: await loadLayersFiles(files, request.size), format, location, sha256 };
  }
}

function checkSum(files: ModelFiles, expected?: string): void {
  if (expected !== undefined && expected.toLowerCase() !== files.sha256) {
    throw failure('BACKBONE_CHECKSUM', { path: files.location, found: files.sha256, expected });
  }
}
