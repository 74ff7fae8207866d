import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { failure, isCultivarError, type Plugin, z } from '@cultivar/sdk';
import { tooMuch } from './bounded.js';
import { defaultExport, importUserFile } from './module-loader.js';
import { flattenSources, type PluginSource, type PluginSources } from './plugin-source.js';
import { reasonOf } from './reason.js';

const fileNames = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json'].map((extension) => `cultivar.config.${extension}`);

export interface LoadedConfig {
  /** Absolute path of the file; absent where there is none. */
  path?: string;
  /** All of it but `plugins`. */
  settings: Record<string, unknown>;
  /** Names and paths come with the folder of the file, from which they are resolved. */
  plugins: PluginSource[];
}

const sourceSchema: z.ZodType = z.lazy(() =>
  z.union(
    [
      z.string(), z.literal(false), z.null(), z.undefined(), z.literal(0), z.array(sourceSchema),
      z.custom((value) => typeof value === 'object' && value !== null && 'contributions' in value),
      z.strictObject({ name: z.string().min(1), from: z.string().optional() }),
    ],
    { error: 'each must be a package name, a path, or a plugin' },
  ),
);
/** Plugins as they are listed in a configuration or given to a function. */
export const pluginSourcesSchema: z.ZodType<PluginSources> = z.custom()
  .check(({ value, issues }) => {
    const problem = tooMuch(value);
    if (problem !== undefined) issues.push({ code: 'custom', input: value, message: problem });
  })
  .pipe(z.array(sourceSchema, { error: 'it must be a list' })) as unknown as z.ZodType<PluginSources>;
const configSchema = z.looseObject({ plugins: pluginSourcesSchema.optional() }, { error: 'its default export is not an object' });

function findFile(from: string): string | undefined {
  const found = fileNames.filter((name) => existsSync(join(from, name)));
  if (found.length > 1) throw failure('CONFIG_INVALID', { path: join(from, found[0]!), reason: `there is ${found[1]!} beside it, and only one can count` });
  return found[0] && join(from, found[0]);
}

const invalid = (path: string, reason: string, cause?: unknown) => failure('CONFIG_INVALID', { path, reason }, cause);

/** Larger files are no configurations. */
const mostBytes = 256 * 1024;
/** Milliseconds that a configuration may take to run. */
const longest = 10_000;

function checkFile(path: string): void {
  const found = statSync(path);
  if (found.isDirectory()) throw invalid(path, 'it is a folder');
  if (!found.isFile()) throw invalid(path, 'it is not a regular file');
  if (found.size > mostBytes) throw invalid(path, `it has ${(found.size / 1024).toFixed(0)} KB, where ${mostBytes / 1024} are the most`);
}

/** @throws CultivarError CONFIG_INVALID */
async function readConfig(path: string, packages?: Readonly<Record<string, string>>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  try {
    checkFile(path);
    if (extname(path) === '.json') return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
    const endless = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(invalid(path, `it did not come to an end within ${longest / 1000} seconds`)), longest);
    });
    return await Promise.race([importUserFile(path, packages).then(defaultExport), endless]);
  } catch (error) {
    if (isCultivarError(error)) throw error;
    throw invalid(path, isStackOverflow(error) ? 'it is nested too deep' : reasonOf(error), error);
  } finally {
    clearTimeout(timer);
  }
}

const isStackOverflow = (error: unknown): boolean => error instanceof Error && error.name === 'RangeError' && error.message.includes('call stack');

/** @throws CultivarError CONFIG_INVALID */
function checkShape(path: string, value: unknown): z.infer<typeof configSchema> {
  let result;
  try {
    const problem = tooMuch(value);
    if (problem !== undefined) throw invalid(path, problem);
    result = configSchema.safeParse(value);
  } catch (error) {
    throw isCultivarError(error) ? error : invalid(path, `it cannot be read: ${reasonOf(error)}`, error);
  }
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const place = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : String(step))).join('');
  throw invalid(path, place ? `${place}: ${issue.message}` : issue.message);
}

/**
 * Reads `cultivar.config.{ts,mts,js,mjs,cjs,json}`. Only `plugins` is looked at here; other settings are handed on.
 * @param path a certain file; when absent, the one in `from`, if there is one
 * @param packages entry file by name, of packages that the file may import wherever it lies
 * @throws CultivarError CONFIG_NOT_FOUND, CONFIG_INVALID
 */
export async function loadConfig(
  { path, from = process.cwd(), packages }: { path?: string | undefined; from?: string; packages?: Readonly<Record<string, string>> },
): Promise<LoadedConfig> {
  const file = path === undefined ? findFile(from) : resolve(from, path);
  if (file === undefined) return { settings: {}, plugins: [] };
  if (!existsSync(file)) throw failure('CONFIG_NOT_FOUND', { path: file });
  const { plugins = [], ...settings } = checkShape(file, await readConfig(file, packages));
  const folder = dirname(file);
  const located = flattenSources(plugins as PluginSources).map((source): PluginSource => {
    if (typeof source === 'string') return { name: source, from: folder };
    if ('contributions' in source) return source satisfies Plugin;
    return { name: source.name, from: source.from ? (source.from.startsWith('file:') ? source.from : resolve(folder, source.from)) : folder };
  });
  return { path: file, settings, plugins: located };
}
