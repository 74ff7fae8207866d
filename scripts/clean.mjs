/** Removes every build output of the workspaces. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
for (const group of ['packages', 'plugins']) {
  for (const name of readdirSync(join(root, group))) {
    for (const made of ['build', 'dist']) rmSync(join(root, group, name, made), { recursive: true, force: true });
  }
}
