import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { failure, isCultivarError, type Plugin } from '@cultivar/sdk';
import { z } from 'zod';
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
const configSchema = z.looseObject({ plugins: z.array(sourceSchema, { error: 'it must be a list' }).optional() }, { error: 'its default export is not an object' });

function findFile(from: string): string | undefined {
  const found = fileNames.filter((name) => existsSync(join(from, name)));
  if (found.length > 1) throw failure('CONFIG_INVALID', { path: join(from, found[0]!), reason: `there is ${found[1]!} beside it, and only one can count` });
  return found[0] && join(from, found[0]);
}

async function readConfig(path: string, packages?: Readonly<Record<string, string>>): Promise<unknown> {
  try {
    if (extname(path) === '.json') return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
    return await defaultExport(await importUserFile(path, packages));
  } catch (error) {
    if (isCultivarError(error)) throw error;
    throw failure('CONFIG_INVALID', { path, reason: reasonOf(error) }, error);
  }
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
  const result = configSchema.safeParse(await readConfig(file, packages));
  if (!result.success) {
    const issue = result.error.issues[0]!;
    const place = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : String(step))).join('');
    throw failure('CONFIG_INVALID', { path: file, reason: place ? `${place}: ${issue.message}` : issue.message });
  }
  const { plugins = [], ...settings } = result.data;
  const folder = dirname(file);
  const located = flattenSources(plugins as PluginSources).map((source): PluginSource => {
    if (typeof source === 'string') return { name: source, from: folder };
    if ('contributions' in source) return source satisfies Plugin;
    return { name: source.name, from: source.from ? (source.from.startsWith('file:') ? source.from : resolve(folder, source.from)) : folder };
  });
  return { path: file, settings, plugins: located };
}
