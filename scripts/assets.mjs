/** Copies what the packages publish but the compiler does not make: the licence, and into @cultivar/backbones the embedded backbone. */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const from = join(root, 'models', 'nano');
const to = join(root, 'plugins', 'backbones', 'dist', 'nano');
if (existsSync(from)) {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (/\.(json|bin|md)$/.test(name)) cpSync(join(from, name), join(to, name));
  }
}
for (const group of ['packages', 'plugins']) {
  for (const name of readdirSync(join(root, group))) {
    if (existsSync(join(root, group, name, 'package.json'))) cpSync(join(root, 'LICENSE'), join(root, group, name, 'LICENSE'));
  }
}
