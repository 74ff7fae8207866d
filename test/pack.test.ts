/**
 * What would be published works: tarballs of every package, installed into an empty project outside the repository with
 * install scripts off, run from the command line and from a small TypeScript program.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nanoIsBuilt, repository } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';

interface Packed {
  name: string;
  filename: string;
  size: number;
  files: { path: string }[];
}

const program = `import { fineTune, load } from 'cultivar';

const { bundle, metrics } = await fineTune({ data: process.argv[2]!, strategy: 'linear-probe', seed: 1, out: 'from-typescript' });
const model = await load(bundle);
const [best] = await model.classify(process.argv[3]!, { top: 1 });
const labels: readonly string[] = model.labels;
await model.dispose();
console.log(JSON.stringify({ accuracy: metrics.accuracy, label: best?.label, known: labels.includes(best?.label ?? '') }));
`;

const run = (command: string, words: string[], folder: string) => {
  const { status, stdout, stderr } = spawnSync(command, words, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
  return { stdout, stderr };
};

const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
const specifiers = /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|\brequire(?:\.resolve)?\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Packages that the files of an installed package import, types included. */
function imported(folder: string): Set<string> {
  const names = new Set<string>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(js|ts)$/.test(file) || file.includes('node_modules')) continue;
    const text = readFileSync(join(folder, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    for (const match of text.matchAll(specifiers)) {
      const specifier = match.slice(1).find(Boolean) ?? '';
      if (specifier === '' || specifier.startsWith('.') || builtins.has(specifier)) continue;
      names.add(specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/'));
    }
  }
  return names;
}

(nanoIsBuilt ? describe : describe.skip)(`published packages${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, () => {
  let work: string;
  let project: string;
  let packed: Packed[];
  let data: string;

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'cultivar-pack-'));
    data = await drawDataset(join(work, 'shapes'), { perClass: 14 });
    project = join(work, 'project');
    const tarballs = join(work, 'tarballs');
    mkdirSync(project);
    mkdirSync(tarballs);
    packed = JSON.parse(run('npm', ['pack', '--workspaces', '--json', '--pack-destination', tarballs], repository).stdout) as Packed[];
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', version: '1.0.0', private: true, type: 'module' }));
    const files = readdirSync(tarballs).map((name) => join(tarballs, name));
    run('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...files], project);
  }, 240_000);

  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('hold what running needs and nothing else', () => {
    for (const { name, files } of packed) {
      const paths = files.map(({ path }) => path);
      expect({ name, superfluous: paths.filter((path) => /\.test\.|^src\/|tsbuildinfo|tsconfig|\.map$/.test(path)) }).toEqual({ name, superfluous: [] });
      expect({ name, readme: paths.includes('README.md'), licence: paths.includes('LICENSE'), entry: paths.includes('dist/index.js'), types: paths.includes('dist/index.d.ts') })
        .toEqual({ name, readme: true, licence: true, entry: true, types: true });
    }
  });

  it('name every package that they import', () => {
    for (const { name } of packed) {
      const folder = join(project, 'node_modules', name);
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, Record<string, string> | undefined>;
      const named = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies });
      const missing = [...imported(folder)].filter((one) => one !== name && !named.includes(one));
      expect({ name, missing }).toEqual({ name, missing: [] });
    }
  });

  it('train and predict from the command line', () => {
    const { stdout } = run('npx', ['--no-install', 'cultivar', 'train', data, '--strategy', 'linear-probe', '--json', '--quiet', '--out', 'from-command'], project);
    const result = JSON.parse(stdout) as { bundle: string; metrics: { accuracy: number } };
    expect(result.metrics.accuracy).toBeGreaterThan(0.6);
    const label = 'discs';
    const answer = JSON.parse(run('npx', ['--no-install', 'cultivar', 'predict', result.bundle, join(data, label), '--json'], project).stdout) as {
      predictions: { classes: { label: string }[] }[];
    };
    const right = answer.predictions.filter(({ classes }) => classes[0]?.label === label).length;
    expect(right / answer.predictions.length).toBeGreaterThan(0.7);
  }, 120_000);

  it('compile and run in a TypeScript program of ten lines', () => {
    writeFileSync(join(project, 'program.ts'), program);
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({
      compilerOptions: { strict: true, target: 'ES2022', module: 'NodeNext', outDir: 'built', rootDir: '.', types: ['node'], typeRoots: [join(repository, 'node_modules', '@types')], skipLibCheck: true },
      files: ['program.ts'],
    }));
    run(process.execPath, [join(repository, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', project], project);
    const image = join(data, 'discs', '000.png');
    const stdout = execFileSync(process.execPath, ['built/program.js', data, image], { cwd: project, encoding: 'utf8' });
    expect(JSON.parse(stdout)).toMatchObject({ known: true, accuracy: expect.any(Number) });
  }, 120_000);
});
