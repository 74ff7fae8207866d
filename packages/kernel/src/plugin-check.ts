import {
  contributionMetadata, failure, kinds, requiredMethods, z,
  type ContributionClass, type ContributionMetadata, type Kind, type Plugin,
} from '@cultivar/sdk';

const namePattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * Checks what an entry file exports.
 * @param label the plugin as the user named it
 * @throws CultivarError PLUGIN_SHAPE
 */
export function checkPlugin(value: unknown, label: string): Plugin {
  const wrong = (reason: string) => failure('PLUGIN_SHAPE', { plugin: label, reason });
  if (value === undefined) throw wrong('there is no default export');
  if (typeof value !== 'object' || value === null) throw wrong(`the default export is a ${value === null ? 'null' : typeof value}`);
  const { name, version, contributions } = value as Partial<Record<keyof Plugin, unknown>>;
  if (typeof name !== 'string' || name.trim() === '') throw wrong('it has no name');
  if (version !== undefined && typeof version !== 'string') throw wrong('its version is not text');
  if (!Array.isArray(contributions)) throw wrong('it has no list of contributions');
  return value as Plugin;
}

function hasMethod(target: ContributionClass, name: string): boolean {
  return typeof (target.prototype as Record<string, unknown>)[name] === 'function';
}

const calls = (methods: readonly string[]) => methods.map((method) => `${method}()`).join(', ');

/** What is wrong with a decorated class, or undefined. */
function fault(target: ContributionClass, metadata: ContributionMetadata): string | undefined {
  const { kind, name, summary, reference, options } = metadata;
  if (!kinds.includes(kind)) return `its kind ${String(kind)} is not known here; the kinds are ${kinds.join(', ')}`;
  if (typeof name !== 'string' || !namePattern.test(name)) return 'its name must be lower case with hyphens, such as random-erasing';
  if (typeof summary !== 'string' || summary.trim() === '') return 'it has no summary';
  if (reference !== undefined && typeof reference !== 'string') return 'its reference is not text';
  if (options !== undefined) {
    if (!(options instanceof z.ZodObject)) return 'its options are not a z.object({ ... })';
    if ('name' in options.shape) return 'an option cannot be called name: that is how a contribution is chosen';
  }
  if (target.length > 0) return 'its constructor takes arguments; ask for services by property, with @inject';
  const { all = [], anyOf = [] } = requiredMethods[kind as Kind];
  const missing = all.filter((method) => !hasMethod(target, method));
  if (missing.length > 0) return `it lacks ${calls(missing)}, which every ${kind} must have`;
  if (anyOf.length > 0 && !anyOf.some((method) => hasMethod(target, method))) return `it has none of ${calls(anyOf)}, and a ${kind} needs at least one`;
  return undefined;
}

/**
 * Checks one contribution of a plugin.
 * @returns its details; the option schema refuses unknown options, even if the author wrote a plain z.object
 * @throws CultivarError PLUGIN_CONTRIBUTION
 */
export function checkContribution(target: unknown, index: number, plugin: string): ContributionMetadata {
  const wrong = (name: string, reason: string) => failure('PLUGIN_CONTRIBUTION', { name, plugin, reason });
  const position = `number ${index + 1}`;
  if (typeof target !== 'function') throw wrong(position, target === undefined ? 'it is undefined; look for a misspelt import, or imports that go in a circle' : `it is a ${typeof target}, not a class`);
  const metadata = contributionMetadata(target);
  if (!metadata) throw wrong(target.name || position, 'no contribution decorator is on it');
  const reason = fault(target as ContributionClass, metadata);
  if (reason) throw wrong(typeof metadata.name === 'string' && metadata.name !== '' ? metadata.name : target.name || position, reason);
  // A schema that says what becomes of unknown options (z.looseObject, catchall) is left as the author meant it.
  const options = metadata.options?.def.catchall === undefined ? metadata.options?.strict() : metadata.options;
  return { ...metadata, ...(options ? { options } : {}) };
}
