/**
 * What would be published works: tarballs of every package, served by a registry on loopback and installed into an empty project outside
 * the repository, install scripts on and no .npmrc; run from the command line and from TypeScript programs.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { platforms } from '@cultivar/onnxruntime';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nanoIsBuilt, repository } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';
import { serveRegistry, type Manifest, type Registry } from './support/registry.js';

interface Packed {
  name: string;
  filename: string;
  files: { path: string }[];
}
interface Locked {
  hasInstallScript?: boolean;
  optional?: boolean;
}

const platform = `${process.platform}-${process.arch}`;
const hasRuntime = platforms.some((one) => one === platform);
const can = nanoIsBuilt && hasRuntime;
const why = nanoIsBuilt ? (hasRuntime ? '' : ` (skipped: there is no ONNX Runtime for ${platform})`) : ' (skipped: nano is not in the build)';

const program = `import { fineTune, load } from 'cultivar';

const { bundle, metrics } = await fineTune({ data: process.argv[2]!, strategy: 'linear-probe', seed: 1, out: 'from-typescript' });
const model = await load(bundle);
const [best] = await model.classify(process.argv[3]!, { top: 1 });
const labels: readonly string[] = model.labels;
await model.dispose();
console.log(JSON.stringify({ accuracy: metrics.accuracy, label: best?.label, known: labels.includes(best?.label ?? '') }));
`;

/** The front door as a program of any kind of module uses it. */
const consumer = `import { CultivarError, compareInitializers, compareOptimizers, compareStrategies, crossValidate, defineConfig, evaluate, findRate, fineTune, isCultivarError, learningCurve, load, preview, tune, version } from 'cultivar';
import type { Assessment, BundleManifest, Classification, Classifier, Evaluation, FineTuneOptions, ImageInput, ImageTensor, Logger, Plugin, Progress, TrainingEvent } from 'cultivar';

export const configuration = defineConfig({ backbone: 'nano', augment: ['flip', { name: 'mixup', alpha: 0.2 }] });
export const everything = [CultivarError, compareInitializers, compareOptimizers, compareStrategies, crossValidate, evaluate, findRate, isCultivarError, learningCurve, preview, tune, version];
export type Known = [Assessment, BundleManifest, Evaluation, ImageInput, ImageTensor, Logger, Plugin, Progress, TrainingEvent];
export async function label(options: FineTuneOptions, image: ImageInput): Promise<string | undefined> {
  const { bundle, metrics } = await fineTune(options);
  const accuracy: number = metrics.accuracy;
  const model: Classifier = await load(bundle);
  const [best]: Classification[] = await model.classify(image, { top: 1 });
  await model.dispose();
  return accuracy > 0 ? best?.label : undefined;
}
`;

/** The program that makes the packages of ONNX Runtime. */
const runtimePackages = async () => (await import(join(repository, 'scripts/onnxruntime-packages.mjs'))) as {
  platformManifest(one: string): Manifest;
  makePlatformPackage(one: string, folder: string, source?: string): void;
};

/** Runs to the end; the registry answers meanwhile. */
function run(command: string, words: string[], folder: string, expected = 0): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => { stdout += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === expected) resolve({ stdout, stderr });
      else reject(new Error(`${command} ${words.join(' ')} ended with ${status}\n${stdout}\n${stderr}`));
    });
  });
}

const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
const specifiers = /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|\brequire(?:\.resolve)?\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Packages that the files of an installed package import, types included. */
function imported(folder: string): Set<string> {
  const names = new Set<string>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(c?js|ts)$/.test(file) || file.includes('node_modules')) continue;
    const text = readFileSync(join(folder, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    for (const match of text.matchAll(specifiers)) {
      const specifier = match.slice(1).find(Boolean) ?? '';
      if (specifier === '' || specifier.startsWith('.') || builtins.has(specifier)) continue;
      names.add(specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/'));
    }
  }
  return names;
}

/** What a folder takes on the disk, in MB, as `du -sm` counts. */
const onDisk = (folder: string): number => readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce((sum, path) => sum + lstatSync(join(folder, path)).blocks * 512, 0) / 2 ** 20;

(can ? describe : describe.skip)(`published packages${why}`, () => {
  let work: string;
  let project: string;
  let packed: Packed[];
  let registry: Registry;
  let data: string;
  const manifestOf = (name: string): Manifest & Record<string, Record<string, string> | undefined> => JSON.parse(readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8')) as never;

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'cultivar-pack-'));
    data = await drawDataset(join(work, 'shapes'), { perClass: 14 });
    project = join(work, 'project');
    const tarballs = join(work, 'tarballs');
    mkdirSync(project);
    packed = JSON.parse((await run(process.execPath, [join(repository, 'scripts/pack.mjs'), tarballs, platform], work)).stdout) as Packed[];
    const served = await Promise.all(packed.map(async ({ filename }) => {
      const file = join(tarballs, filename);
      return { file, manifest: JSON.parse((await run('tar', ['-xzOf', file, 'package/package.json'], work)).stdout) as Manifest };
    }));
    const { platformManifest } = await runtimePackages();
    registry = await serveRegistry(served, platforms.map(platformManifest));
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', version: '1.0.0', private: true, type: 'module' }));
    await run('npm', [
      'install', '--ignore-scripts=false', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', '--omit-lockfile-registry-resolved=false',
      `--@cultivar:registry=${registry.address}`, registry.tarball('cultivar'),
    ], project);
  }, 300_000);

  afterAll(async () => {
    await registry?.close();
    rmSync(work, { recursive: true, force: true });
  });

  it('hold what running needs and nothing else, and are found by every kind of resolution', () => {
    for (const { name, files } of packed) {
      const paths = files.map(({ path }) => path);
      expect({ name, superfluous: paths.filter((path) => /\.test\.|^src\/|tsbuildinfo|tsconfig|\.map$/.test(path)) }).toEqual({ name, superfluous: [] });
      const { main, types } = manifestOf(name) as { main?: string; types?: string };
      expect({ name, readme: paths.includes('README.md'), licence: paths.includes('LICENSE'), entry: paths.includes(`${main}`.slice(2)), types: paths.includes(`${types}`.slice(2)) })
        .toEqual({ name, readme: true, licence: true, entry: true, types: true });
    }
  });

  it('name every package that they import', () => {
    for (const { name } of packed) {
      const { dependencies, peerDependencies, optionalDependencies } = manifestOf(name);
      const named = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
      const missing = [...imported(join(project, 'node_modules', name))].filter((one) => one !== name && !named.includes(one));
      expect({ name, missing }).toEqual({ name, missing: [] });
    }
  });

  it('run no install script, and bring the runtime of this platform alone', () => {
    const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };
    expect(Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([]);
    expect(Object.keys(packages).filter((path) => path.endsWith('/onnxruntime-node'))).toEqual([]);
    expect(platforms.filter((one) => existsSync(join(project, 'node_modules/@cultivar', `onnxruntime-${one}`)))).toEqual([platform]);
    expect(existsSync(join(project, 'node_modules/@cultivar', `onnxruntime-${platform}`, 'ThirdPartyNotices.txt'))).toBe(true);
  });

  it.each(platforms)('of ONNX Runtime on %s hold its binaries alone, its licence and its notices', async (one) => {
    const { makePlatformPackage } = await runtimePackages();
    const folder = join(work, 'runtime');
    makePlatformPackage(one, folder);
    const binaries = readdirSync(join(folder, 'bin'), { recursive: true, encoding: 'utf8' }).filter((path) => /\.\w+$/.test(path));
    const [os, cpu] = one.split('-') as [string, string];
    expect(binaries.filter((path) => !path.startsWith(join('napi-v6', os, cpu)))).toEqual([]);
    const library = { darwin: 'libonnxruntime.1.dylib', linux: 'libonnxruntime.so.1', win32: 'onnxruntime.dll' }[os]!;
    for (const file of [library, 'onnxruntime_binding.node']) expect(binaries).toContain(join('napi-v6', os, cpu, file));
    expect(readdirSync(folder).sort()).toEqual(['LICENSE', 'README.md', 'ThirdPartyNotices.txt', 'bin', 'dist', 'package.json']);
    const { scripts, dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect({ scripts, dependencies }).toEqual({ scripts: undefined, dependencies: { 'onnxruntime-common': expect.any(String) } });
    rmSync(folder, { recursive: true });
  }, 30_000);

  it('of ONNX Runtime are not made out of files that are not the official ones', async () => {
    const { makePlatformPackage } = await runtimePackages();
    const source = join(work, 'official');
    cpSync(join(repository, 'node_modules/onnxruntime-node/bin/napi-v6/linux/arm64'), join(source, 'bin/napi-v6/linux/arm64'), { recursive: true });
    writeFileSync(join(source, 'bin/napi-v6/linux/arm64/onnxruntime_binding.node'), 'something else');
    expect(() => makePlatformPackage('linux-arm64', join(work, 'runtime'), source)).toThrow(/onnxruntime_binding\.node has SHA-256 [0-9a-f]{64}, not [0-9a-f]{64}/);
  });

  it('have inversify and zod within, with their licences, and load no other copy', async () => {
    const licences = readFileSync(join(project, 'node_modules/@cultivar/sdk/dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
    for (const words of ['inversify 8', '@inversifyjs/core', 'reflect-metadata 0', 'Apache License', 'zod 4']) expect(licences).toContain(words);
    const taken = ['inversify', '@inversifyjs', 'reflect-metadata', 'zod'];
    for (const name of taken) renameSync(join(project, 'node_modules', name), join(work, name));
    try {
      expect((await run('npx', ['--no-install', 'cultivar', 'plugins', 'list'], project)).stdout).toContain('adamw');
    } finally {
      for (const name of taken) renameSync(join(work, name), join(project, 'node_modules', name));
    }
  }, 60_000);

  (platform === 'linux-x64' ? it : it.skip)('take at most 200 MB with all that they need (on Linux x64)', () => {
    expect(onDisk(join(project, 'node_modules'))).toBeLessThan(200);
  });

  it('train and predict from the command line, on the runtime of this platform', async () => {
    const { stdout } = await run('npx', ['--no-install', 'cultivar', 'train', data, '--strategy', 'linear-probe', '--engine', 'onnx', '--json', '--quiet', '--out', 'from-command'], project);
    const result = JSON.parse(stdout) as { bundle: string; metrics: { accuracy: number } };
    expect(result.metrics.accuracy).toBeGreaterThan(0.6);
    const label = 'discs';
    const answer = JSON.parse((await run('npx', ['--no-install', 'cultivar', 'predict', result.bundle, join(data, label), '--json'], project)).stdout) as {
      predictions: { classes: { label: string }[] }[];
    };
    const right = answer.predictions.filter(({ classes }) => classes[0]?.label === label).length;
    expect(right / answer.predictions.length).toBeGreaterThan(0.7);
    const asked = "import('@cultivar/onnxruntime').then(async (one) => { await one.loadRuntime(); console.log(one.runtimeInUse()); })";
    expect((await run(process.execPath, ['-e', asked], project)).stdout).toBe(`@cultivar/onnxruntime-${platform}\n`);
  }, 120_000);

  it('say before a study starts what its pictures are drawn with', async () => {
    const { stderr } = await run('npx', ['--no-install', 'cultivar', 'find-rate', data], project, 2);
    expect(stderr).toMatch(/npm install @observablehq\/plot linkedom\. \[PICTURES_MISSING\]/);
  }, 300_000);

  it('compile and run in a TypeScript program of ten lines', async () => {
    writeFileSync(join(project, 'program.ts'), program);
    await compile({ module: 'NodeNext', outDir: 'built' }, ['program.ts'], project);
    const { stdout } = await run(process.execPath, ['built/program.js', data, join(data, 'discs', '000.png')], project);
    expect(JSON.parse(stdout)).toMatchObject({ known: true, accuracy: expect.any(Number) });
  }, 120_000);

  const dom = ['ES2023', 'DOM', 'DOM.Iterable'];
  // TypeScript 7 has no node10 any more.
  it.each([
    ['NodeNext', 7, { module: 'NodeNext' }],
    ['NodeNext with the types of browsers', 7, { module: 'NodeNext', lib: dom }],
    ['bundler', 7, { module: 'ESNext', moduleResolution: 'bundler' }],
    ['node10', 6, { module: 'CommonJS', moduleResolution: 'node10', ignoreDeprecations: '6.0', lib: dom }],
  ] as const)('add no error to a strict program that checks the types of libraries too: %s, TypeScript %i', async (_, version, options) => {
    writeFileSync(join(project, 'consumer.ts'), consumer);
    await compile({ ...options, noEmit: true, skipLibCheck: false }, ['consumer.ts'], project, version);
  }, 300_000);

  it('have no error of their own in the types of any package: what is left stands in those of tfjs and ONNX Runtime', async () => {
    const ours = packed.map(({ name }) => name).filter((name) => !name.startsWith('@cultivar/onnxruntime-'));
    const names = ours.map((_, index) => `package${index}`);
    writeFileSync(join(project, 'plugin.ts'), `${ours.map((name, index) => `import * as ${names[index]} from '${name}';`).join('\n')}\nexport const all = [${names.join(', ')}];\n`);
    const outcome = await compile({ module: 'NodeNext', noEmit: true, skipLibCheck: false }, ['plugin.ts'], project).then(() => '', ({ message }: Error) => message);
    const places = [...outcome.matchAll(/^(\S+)\(\d+,\d+\): error/gm)].map(([, place]) => place!);
    expect(places.filter((place) => !/^node_modules\/(@tensorflow\/tfjs-(core|layers)|@webgpu\/types|onnxruntime-common)\//.test(place))).toEqual([]);
    expect(outcome).not.toMatch(/Cannot find name 'Long'/);
  }, 300_000);
});

/** Compiles files of a project. @throws with what the compiler says */
async function compile(options: Record<string, unknown>, files: string[], project: string, version: 6 | 7 = 7): Promise<void> {
  const typeRoots = [join(repository, 'node_modules/@types')];
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true, target: 'ES2022', lib: ['ES2023'], rootDir: '.', types: ['node'], typeRoots, ...options }, files }));
  await run(process.execPath, [join(repository, 'node_modules', version === 7 ? 'typescript/bin/tsc' : '@typescript/old/lib/tsc.js'), '-p', project], project);
}
