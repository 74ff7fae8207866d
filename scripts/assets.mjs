/**
 * Copies what the packages publish but the compiler does not make: the licence, and into @cultivar/backbones the embedded backbone. And takes away
 * what it made of files that are gone, which it leaves.
 */
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
/** Made by scripts/types.mjs. */
const withoutSource = ['cultivar.d.ts'];
function removeLeftovers(folder) {
  for (const [output, made] of [['build', /\.(c?)js$/], ['dist', /\.d\.(c?)ts$/]]) {
    const files = existsSync(join(folder, output)) ? readdirSync(join(folder, output), { recursive: true, encoding: 'utf8' }) : [];
    for (const file of files.filter((one) => made.test(one) && !withoutSource.includes(one))) {
      if (!existsSync(join(folder, 'src', file.replace(made, '.$1ts')))) rmSync(join(folder, output, file));
    }
  }
}
for (const group of ['packages', 'plugins']) {
  for (const name of readdirSync(join(root, group))) {
    removeLeftovers(join(root, group, name));
    if (existsSync(join(root, group, name, 'package.json'))) cpSync(join(root, 'LICENSE'), join(root, group, name, 'LICENSE'));
  }
}
