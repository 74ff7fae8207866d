import { failure, kinds, type ContributionClass, type ContributionReference, type Kind, type z } from '@cultivar/sdk';
import { didYouMean } from './near-names.js';
import { checkOptions, optionsJsonSchema } from './option-check.js';
import { parseReference } from './reference.js';

/** One contribution of a loaded plugin. */
export interface CatalogueEntry {
  kind: Kind;
  name: string;
  /** One line: what it does. */
  summary: string;
  /** Paper or lecture, where the author names one. */
  reference?: string;
  /** Name of the plugin that added it. */
  plugin: string;
  /** The plugin's version. */
  version: string;
  /** The plugin's entry file; absent where it was written inline. */
  file?: string;
  /** Schema of the options; unknown ones are refused, unless it says otherwise. Absent: there are none. */
  options?: z.ZodObject;
  /** The class. Get instances from a run, which injects options and services. */
  contribution: ContributionClass;
  /** The options as JSON Schema (2020-12), defaults included; for editors and `cultivar plugins info`. */
  jsonSchema(): Record<string, unknown>;
}

/** A contribution chosen by name, with its options checked and defaults filled in. */
export interface CheckedReference {
  entry: CatalogueEntry;
  options: Readonly<Record<string, unknown>>;
}

interface PartSchema {
  contribution?: Kind;
  items?: PartSchema;
}

/** The contributions that options name: those declared by `contributionOf`, alone or in a list. */
function partsOf({ options: schema, jsonSchema }: CatalogueEntry, options: Readonly<Record<string, unknown>>): { kind: Kind; reference: ContributionReference | string }[] {
  if (!schema) return [];
  const { properties = {} } = jsonSchema() as { properties?: Record<string, PartSchema> };
  return Object.entries(properties).flatMap(([option, { contribution, items }]) => {
    const value = options[option];
    const kind = contribution ?? items?.contribution;
    if (kind === undefined || value === undefined) return [];
    return (Array.isArray(value) ? value : [value]).map((reference) => ({ kind, reference: reference as ContributionReference | string }));
  });
}

/** All contributions of the loaded plugins, by kind and name. */
export class Catalogue {
  readonly #entries = new Map<string, CatalogueEntry>();

  /** @throws CultivarError PLUGIN_DUPLICATE; nothing is ever overwritten */
  add(entry: Omit<CatalogueEntry, 'jsonSchema'>): void {
    const key = `${entry.kind}/${entry.name}`;
    const other = this.#entries.get(key);
    if (other) {
      // Two versions of one plugin have the same name: their files tell them apart.
      const told = ({ plugin, version, file }: typeof entry) => (entry.plugin === other.plugin && file ? `${plugin} ${version} (${file})` : plugin);
      throw failure('PLUGIN_DUPLICATE', { plugin: told(entry), kind: entry.kind, name: entry.name, other: told(other) });
    }
    this.#entries.set(key, { ...entry, jsonSchema: () => optionsJsonSchema(entry.options) });
  }

  /** All of a kind, or all, in the order of the kinds and by name. */
  list(kind?: Kind): CatalogueEntry[] {
    return [...this.#entries.values()]
      .filter((entry) => kind === undefined || entry.kind === kind)
      .sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || (a.name < b.name ? -1 : 1));
  }

  has(kind: Kind, name: string): boolean {
    return this.#entries.has(`${kind}/${name}`);
  }

  /** @throws CultivarError CONTRIBUTION_UNKNOWN, with near names */
  get(kind: Kind, name: string): CatalogueEntry {
    const entry = this.#entries.get(`${kind}/${name}`);
    if (entry) return entry;
    const known = this.list(kind).map((one) => one.name);
    const elsewhere = this.list().filter((one) => one.name === name).map((one) => one.kind);
    const near = didYouMean(name, known) || (elsewhere.length > 0 ? ` (it is the name of a contribution of kind ${elsewhere.join(', ')})` : '');
    throw failure('CONTRIBUTION_UNKNOWN', { kind, name: `${name}${near}`, known: known.join(', ') || 'none' });
  }

  /**
   * Looks a contribution up and checks its options, without making it.
   * @throws CultivarError CONTRIBUTION_UNKNOWN, OPTION_INVALID, REFERENCE_SYNTAX
   */
  check(kind: Kind, reference: ContributionReference | string): CheckedReference {
    const { name, ...options } = typeof reference === 'string' ? parseReference(reference) : reference;
    const entry = this.get(kind, name);
    const checked = checkOptions(entry, options);
    for (const part of partsOf(entry, checked)) this.check(part.kind, part.reference);
    return { entry, options: checked };
  }
}
