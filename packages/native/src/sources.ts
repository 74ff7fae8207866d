import { failure, type Progress } from '@cultivar/sdk';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, lastWords, run } from './child-process.js';
import { quietSource } from './loader/quiet.js';
import { includes } from './wheel/unpack.js';

/** The last release; its C++ is plain C interface and compiles against TensorFlow of today. */
export const tfjsVersion = '4.22.0';

/** C++ of the operators that TensorFlow gets from us. */
const operators = fileURLToPath(new URL('../operators/', import.meta.url));

const filesOf = async (folder: string, pattern: RegExp) => (await readdir(folder)).filter((name) => pattern.test(name)).sort().map((name) => join(folder, name));

export const operatorSources = (): Promise<string[]> => filesOf(operators, /\.cc$/);

const file = (name: string) => fileURLToPath(new URL(`../dist/loader/${name}`, import.meta.url));

/** SHA-256 of all that is ours in an installation: one made from other files is made again, a prebuilt binding from others not taken. */
export async function ownSources(): Promise<string> {
  const hash = createHash('sha256').update(quietSource);
  for (const path of [...(await filesOf(operators, /\.(h|cc)$/)), file('load.cjs'), file('tfjs.cjs')]) hash.update(await readFile(path));
  return hash.digest('hex');
}

/**
 * What npm is to install into the folder: @tensorflow/tfjs-node-gpu (JavaScript, and C++ of the binding) without its
 * installer, Node's headers for native modules, and in the place of all the rest of tfjs a file of ours.
 */
const manifest = {
  private: true,
  dependencies: { '@tensorflow/tfjs-node-gpu': tfjsVersion, '@tensorflow/tfjs': 'file:./tfjs', '@tensorflow/tfjs-core': 'file:./tfjs-core', 'node-api-headers': '1.9.0' },
  overrides: { '@tensorflow/tfjs': '$@tensorflow/tfjs', '@tensorflow/tfjs-core': '$@tensorflow/tfjs-core' },
};

/** The names under which its files import tfjs. */
const replaced = ['tfjs', 'tfjs-core'] as const;

export interface Sources {
  /** Folder of the C++ files. */
  binding: string;
  /** Folder of `node_api.h`. */
  nodeHeaders: string;
  /** Headers that the C++ includes. */
  headers: string[];
}

/** @throws CultivarError NATIVE_TOOL */
export async function findNpm(environment: NodeJS.ProcessEnv): Promise<string> {
  const npm = await findProgram(['npm'], environment);
  if (!npm) throw failure('NATIVE_TOOL', { tool: 'npm', how: 'it comes with Node, or as the package npm of your system' });
  return npm;
}

/**
 * Lets npm fetch JavaScript, C++ and Node's headers: its configuration, mirrors, proxies and integrity checks hold.
 * @throws CultivarError NATIVE_DOWNLOAD
 */
export async function fetchSources(folder: string, npm: string, options: { environment: NodeJS.ProcessEnv; progress?: Progress; signal?: AbortSignal }): Promise<Sources> {
  const task = options.progress?.start('Fetching the binding', 1, 'package');
  for (const name of replaced) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'package.json'), JSON.stringify({ name: `@tensorflow/${name}`, version: tfjsVersion, main: 'index.cjs' }));
    await copyFile(file('tfjs.cjs'), join(folder, name, 'index.cjs'));
  }
  await copyFile(file('load.cjs'), join(folder, 'load.cjs'));
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  const ended = await run(npm, ['install', '--prefix', folder, '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], {
    folder, environment: options.environment, signal: options.signal,
  });
  if (ended.code !== 0) throw failure('NATIVE_DOWNLOAD', { file: `@tensorflow/tfjs-node-gpu ${tfjsVersion}`, reason: lastWords(ended) });
  task?.advance();
  task?.finish();
  const binding = join(folder, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'binding');
  const files = [...(await filesOf(binding, /\.(h|cc)$/)), ...(await filesOf(operators, /\.(h|cc)$/))];
  const texts = await Promise.all(files.map((path) => readFile(path, 'utf8')));
  return { binding, nodeHeaders: join(folder, 'node_modules', 'node-api-headers', 'include'), headers: texts.flatMap(includes) };
}
