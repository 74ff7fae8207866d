import type { Logger } from '@cultivar/sdk';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchDirectly } from './direct.js';
import { fetchWithPip, findPip, type WheelRequest } from './pip.js';
import { newest } from './wheel-name.js';

/**
 * The wheel of an earlier attempt; else through pip where there is one; else straight from the index.
 * @throws CultivarError NATIVE_DOWNLOAD, NATIVE_VERSION, NATIVE_WHEEL
 */
export async function findWheel(request: WheelRequest, logger?: Logger): Promise<string> {
  const names = await readdir(request.folder).catch(() => []);
  const kept = newest(names.map((name) => ({ name })), request);
  if (kept) return join(request.folder, kept.name);
  const pip = await findPip(request.environment, request.signal);
  logger?.debug(pip ? `Fetching the wheel with the pip of ${pip.python}` : 'No pip: fetching the wheel from the index');
  return pip ? fetchWithPip(pip, request) : fetchDirectly(request);
}
