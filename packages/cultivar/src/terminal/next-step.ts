/** What a person can type next, as he can type it. */
import { relative } from 'node:path';

/** The command as it is called from here: with `npx` where npm runs it, which then is on no search path. */
export const command = (): string => ('npm_command' in process.env ? 'npx cultivar' : 'cultivar');

/** From the working folder where that is shorter. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near !== '' && near.length < path.length ? near : path;
}
