/**
 * Makes the npm packages that carry ONNX Runtime, one a platform, out of the official `onnxruntime-node` of the lock file:
 *   node scripts/onnxruntime-packages.mjs FOLDER [PLATFORM...]       PLATFORM: linux-x64, darwin-arm64, ...; all where none is named
 *   node scripts/onnxruntime-packages.mjs --record TARBALL           after another version has been pinned: writes the checksums anew
 * Every file is held against its checksum in packages/onnxruntime/official/files.json, which were taken from the tarball whose SHA-512 the lock
 * file has. The official npm package carries no licence; that, and the notices of third parties, are those of the official Python wheel.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { platformPackage, platforms, runtimeVersion } from '@cultivar/onnxruntime';

const root = fileURLToPath(new URL('..', import.meta.url));
const official = join(root, 'packages/onnxruntime/official');
const record = join(official, 'files.json');
const installed = join(root, 'node_modules/onnxruntime-node');
const notices = ['LICENSE', 'ThirdPartyNotices.txt'];

const digest = (bytes, algorithm = 'sha256', encoding = 'hex') => createHash(algorithm).update(bytes).digest(encoding);
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** What of the official package a platform needs. On macOS its library lies there twice; the binding asks for the first name. */
const wanted = (path, platform) =>
  /^dist\/[a-z]+\.(js|d\.ts)$/.test(path) || (path.startsWith(`bin/napi-v6/${platform.replace('-', '/')}/`) && !/libonnxruntime\.\d+\.\d+\.\d+\.dylib$/.test(path));

/** The package.json of a platform's package. */
export function platformManifest(platform) {
  const [os, cpu] = platform.split('-');
  return {
    name: platformPackage({ platform: os, arch: cpu }),
    version: runtimeVersion,
    description: `ONNX Runtime ${runtimeVersion} for Node.js on ${platform}, out of the official onnxruntime-node`,
    license: 'MIT',
    main: './dist/index.js',
    types: './dist/index.d.ts',
    os: [os],
    cpu: [cpu],
    ...(os === 'linux' && { libc: ['glibc'] }),
    files: ['dist', 'bin', 'ThirdPartyNotices.txt'],
    dependencies: { 'onnxruntime-common': runtimeVersion },
  };
}

/** @throws Error naming the file that is not the one on record */
function copyChecked(from, to, expected) {
  const bytes = readFileSync(from);
  const found = digest(bytes);
  if (found !== expected) throw new Error(`${from} has SHA-256 ${found}, not ${expected}`);
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, bytes);
}

/** Writes the package of a platform into a folder. @param source folder of the official package */
export function makePlatformPackage(platform, folder, source = installed) {
  const { version, files } = read(record);
  if (version !== runtimeVersion) throw new Error(`the checksums on record are of ${version}; ${runtimeVersion} is pinned`);
  if (!platforms.includes(platform)) throw new Error(`there is no ONNX Runtime for ${platform}; there is for ${platforms.join(', ')}`);
  rmSync(folder, { recursive: true, force: true });
  for (const [path, expected] of Object.entries(files)) {
    if (notices.includes(path)) copyChecked(join(official, path), join(folder, path), expected);
    else if (wanted(path, platform)) {
      copyChecked(join(source, path), join(folder, path), expected);
      if (path.endsWith('.js')) writeFileSync(join(folder, path), readFileSync(join(folder, path), 'utf8').replace(/\n?\/\/# sourceMappingURL=.*/, '\n'));
    }
  }
  const manifest = platformManifest(platform);
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  writeFileSync(join(folder, 'README.md'), `# ${manifest.name}\n\n${manifest.description}: its binaries for this platform alone, unchanged, without its install script. Loaded by [@cultivar/onnxruntime](https://www.npmjs.com/package/@cultivar/onnxruntime).\n\nMIT licence, Microsoft Corporation; notices of third parties in ThirdPartyNotices.txt.\n`);
}

/** Writes the checksums of a tarball that is the one in the lock file. */
function recordChecksums(tarball) {
  const { version, integrity } = read(join(root, 'package-lock.json')).packages['node_modules/onnxruntime-node'];
  const found = `sha512-${digest(readFileSync(tarball), 'sha512', 'base64')}`;
  if (found !== integrity) throw new Error(`${tarball} has integrity ${found}; the lock file has ${integrity}`);
  const folder = mkdtempSync(join(tmpdir(), 'onnxruntime-node-'));
  try {
    execFileSync('tar', ['-xzf', resolve(tarball), '-C', folder]);
    const unpacked = join(folder, 'package');
    const paths = readdirSync(unpacked, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/')).filter((path) => platforms.some((platform) => wanted(path, platform))).sort();
    const files = [...notices.map((path) => [path, digest(readFileSync(join(official, path)))]), ...paths.filter((path) => /\.\w+$/.test(path)).map((path) => [path, digest(readFileSync(join(unpacked, path)))])];
    writeFileSync(record, `${JSON.stringify({ version, integrity, ...(({ wheel }) => ({ wheel }))(read(record)), files: Object.fromEntries(files) }, null, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [first, ...rest] = process.argv.slice(2);
  if (!first || (first === '--record' && rest.length !== 1)) {
    console.error('usage: node scripts/onnxruntime-packages.mjs FOLDER [PLATFORM...] | --record TARBALL');
    process.exit(2);
  }
  if (first === '--record') recordChecksums(rest[0]);
  else {
    for (const platform of rest.length > 0 ? rest : platforms) {
      makePlatformPackage(platform, join(first, `onnxruntime-${platform}`));
      console.log(join(first, `onnxruntime-${platform}`));
    }
  }
}
