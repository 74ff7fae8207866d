import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { contractVersion, failure, type Logger, z } from '@cultivar/sdk';
import { FileProblem, liesIn, parseBoundedJson, readRegularFileSync } from '@cultivar/sdk/internal';
import satisfies from 'semver/functions/satisfies.js';
import validRange from 'semver/ranges/valid.js';
import { reasonOf } from './reason.js';

/** Bytes of a package.json. */
const largestManifest = 2 ** 20;

const manifestSchema = z.looseObject({
  name: z.string({ error: '"name" is missing' }).min(1, '"name" is empty').optional(),
  version: z.string({ error: '"version" must be text' }).optional(),
  keywords: z.array(z.string(), { error: '"keywords" must be a list' }).optional().catch(undefined),
  cultivar: z.looseObject(
    {
      plugin: z.string({ error: '"cultivar.plugin" must be the path of the file that exports the plugin' }).min(1, '"cultivar.plugin" is empty'),
      engine: z.string({ error: '"cultivar.engine" must be the range of Cultivar versions that the plugin is made for' }).max(256, '"cultivar.engine" is longer than any range of versions'),
    },
    { error: '"cultivar" is missing' },
  ),
});

/** What a plugin's package.json says, read and checked before any of its code runs. */
export interface PluginManifest {
  name?: string | undefined;
  version?: string | undefined;
  /** Entry file or subpath, as written. */
  entry: string;
}

/**
 * Reads the package.json in a folder.
 * @param plugin as the user named it, for messages
 * @throws CultivarError PLUGIN_MANIFEST, PLUGIN_ENGINE
 */
export function readManifest(folder: string, plugin: string, logger: Logger): PluginManifest {
  const wrong = (reason: string, cause?: unknown) => failure('PLUGIN_MANIFEST', { plugin, reason: reason.replace(/\.$/, '') }, cause);
  let text: string;
  try {
    const path = join(folder, 'package.json');
    text = readRegularFileSync(path, largestManifest).toString('utf8');
    if (!liesIn(realpathSync(folder), realpathSync(path))) throw new FileProblem('outside', 'is a link that leads out of the package');
  } catch (error) {
    if (error instanceof FileProblem && error.kind === 'missing') throw wrong(`there is none in ${folder}`, error);
    throw wrong(error instanceof FileProblem && error.kind !== 'unreadable' ? `it ${error.message}` : `it cannot be read (${reasonOf(error)})`, error);
  }
  let content: unknown;
  try {
    content = parseBoundedJson(text, { values: 100_000 });
  } catch (error) {
    const { cause } = error as Error;
    throw wrong(`it ${reasonOf(error)}${cause === undefined ? '' : ` (${reasonOf(cause)})`}`, error);
  }
  const result = manifestSchema.safeParse(content);
  if (!result.success) throw wrong(result.error.issues[0]!.message);
  const { name, version, keywords, cultivar } = result.data;
  const range = cultivar.engine;
  if (validRange(range) === null) throw wrong(`"cultivar.engine" is not a range of versions: "${range}"`);
  if (!satisfies(contractVersion, range, { includePrerelease: true })) {
    throw failure('PLUGIN_ENGINE', { plugin: name ?? plugin, range, version: contractVersion });
  }
  if (!keywords?.includes('cultivar-plugin')) logger.debug(`Plugin ${name ?? plugin} lacks the keyword "cultivar-plugin", by which others would find it on npm.`);
  return { name, version, entry: cultivar.plugin };
}
