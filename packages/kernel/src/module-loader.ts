import { createRequire } from 'node:module';
import { dirname, extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decoratedProperties } from './decorated-properties.js';

const require = createRequire(import.meta.url);
const sdk = require.resolve('@cultivar/sdk');

/**
 * What a file loaded by path imports of the contracts and of tfjs is our copy, wherever the file lies: it may have no
 * node_modules above it, and two copies of tfjs would not know each other's kernels.
 */
function sharedPackages(): Record<string, string> {
  const fromSdk = createRequire(sdk);
  const shared = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'].map((name) => [name, dirname(fromSdk.resolve(`${name}/package.json`))]);
  return { '@cultivar/sdk': sdk, ...Object.fromEntries(shared) };
}

const isTypeScript = (file: string) => ['.ts', '.mts', '.cts', '.tsx'].includes(extname(file));

/**
 * Runs a file of the user's, TypeScript or JavaScript, ESM or CommonJS, and gives its exports.
 * @param packages entry file by name, of further packages that are found wherever the file lies
 */
export async function importUserFile(file: string, packages: Readonly<Record<string, string>> = {}): Promise<unknown> {
  // A large file of its own, which only plugins and configurations at a path need.
  const { createJiti } = await import('jiti');
  const jiti = createJiti(pathToFileURL(file).href, {
    // A cache of compiled code in a folder that others can write to would run what they put there.
    fsCache: false,
    interopDefault: false,
    alias: { ...packages, ...sharedPackages() },
    transformOptions: { babel: { plugins: [decoratedProperties] } },
  });
  return jiti.import(file);
}

/** Runs the entry file of an installed package. */
export function importPackageFile(file: string): Promise<unknown> {
  return isTypeScript(file) ? importUserFile(file) : import(pathToFileURL(file).href);
}

const isObject = (value: unknown): value is Record<PropertyKey, unknown> => typeof value === 'object' && value !== null;

/**
 * The default export, also where CommonJS interoperation has wrapped it once more; of a CommonJS module without one,
 * what it exports. Undefined for an ES module without one.
 */
export function defaultExport(module: unknown): unknown {
  let value = module;
  for (let depth = 0; depth < 2 && isObject(value); depth += 1) {
    if ('default' in value) value = value.default;
    else if (value.__esModule === true || value[Symbol.toStringTag] === 'Module') return undefined;
  }
  return value;
}
