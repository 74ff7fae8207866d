import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what was fetched or built is kept between runs, for all projects of a user: CULTIVAR_CACHE, else XDG_CACHE_HOME/cultivar, else ~/.cache/cultivar. */
export function defaultCacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment['CULTIVAR_CACHE']) return environment['CULTIVAR_CACHE'];
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'cultivar');
}
