import type { Logger } from '@cultivar/sdk';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchDirectly } from './direct.js';
import { fetchWithPip, findPip, type WheelRequest } from './pip.js';

/**
 * The wheel of an earlier attempt; else through pip where there is one; else straight from the index.
 * @throws CultivarError NATIVE_DOWNLOAD, NATIVE_VERSION, NATIVE_WHEEL
 */
export async function findWheel(request: WheelRequest, logger?: Logger): Promise<string> {
  const start = `${request.name.replaceAll('-', '_')}-${request.version}-`;
  const kept = (await readdir(request.folder).catch(() => [])).find((name) => name.startsWith(start) && request.tag.test(name));
  if (kept) return join(request.folder, kept);
  const pip = await findPip(request.environment, request.signal);
  logger?.debug(pip ? `Fetching the wheel with the pip of ${pip.python}` : 'No pip: fetching the wheel from the index');
  return pip ? fetchWithPip(pip, request) : fetchDirectly(request);
}
