/** What a person can type next, as he can type it. */
import { relative } from 'node:path';

/** The command as it can be typed wherever it is installed: npx finds it in the project's folder and among what is installed for all. */
export const command = 'npx cultivar';

/** From the working folder where that is shorter. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near !== '' && near.length < path.length ? near : path;
}
