/**
 * Packs everything that is published, as it is published:
 *   node scripts/pack.mjs FOLDER [PLATFORM...]        prints what `npm pack --json` prints; the runtimes of all platforms where none is named
 * The packages of ONNX Runtime are made here, and what loads them names them: in the repository it does not, since npm would look for them.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { platforms } from '@cultivar/onnxruntime';
import { makePlatformPackage, platformManifest } from './onnxruntime-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [folder, ...chosen] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node scripts/pack.mjs FOLDER [PLATFORM...]');
  process.exit(2);
}
const target = resolve(folder);
mkdirSync(target, { recursive: true });
const work = mkdtempSync(join(tmpdir(), 'cultivar-packing-'));
const pack = (words, cwd) => JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', target, ...words], { cwd, encoding: 'utf8', maxBuffer: 1 << 28, shell: process.platform === 'win32', stdio: ['ignore', 'pipe', 'inherit'] }));

/** The folders of packages, but for the private one that is published with more in it. */
const ordinary = ['packages', 'plugins'].flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`)).filter((path) => path !== 'packages/onnxruntime');

/** The loader, as it is published: no longer private, the runtimes its optional dependencies. */
function stageLoader() {
  const from = join(root, 'packages/onnxruntime');
  const to = join(work, 'onnxruntime');
  for (const name of ['dist', 'README.md', 'LICENSE']) cpSync(join(from, name), join(to, name), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  delete manifest.private;
  manifest.optionalDependencies = Object.fromEntries(platforms.map(platformManifest).map(({ name, version }) => [name, version]));
  writeFileSync(join(to, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return to;
}

try {
  const packed = [...pack(ordinary.map((path) => `--workspace=${path}`), root), ...pack([], stageLoader())];
  for (const platform of chosen.length > 0 ? chosen : platforms) {
    const one = join(work, platform);
    makePlatformPackage(platform, one);
    packed.push(...pack([], one));
  }
  console.log(JSON.stringify(packed));
} finally {
  rmSync(work, { recursive: true, force: true });
}
