import { failure, kinds } from '@cultivar/sdk';
import { openKernel } from '../kernel.js';
import { command } from './next-step.js';
import { Terminal } from './terminal.js';
import { table } from './words.js';

interface PluginsOptions {
  json?: boolean;
  quiet?: boolean;
  debug?: boolean;
  plugin?: string[];
  config?: string;
  kind?: string;
}

/** One option of a contribution, for people and machines. */
export interface OptionDescription {
  name: string;
  type: string;
  default?: unknown;
  range?: string;
  description?: string;
}

interface PropertySchema {
  /** Kind of the contribution that the option names. */
  contribution?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: PropertySchema[];
  items?: PropertySchema | boolean;
  prefixItems?: PropertySchema[];
  default?: unknown;
  description?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}

const wide = Number.MAX_SAFE_INTEGER;

function typeOf(schema: PropertySchema): string {
  if (schema.contribution) return schema.contribution;
  if (schema.enum) return schema.enum.map(String).join(' | ');
  if (schema.const !== undefined) return String(schema.const);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ');
  // As it is written on the command line.
  if (schema.prefixItems) return `[${schema.prefixItems.map(typeOf).join(';')}]`;
  if (schema.type === 'array') return `list of ${typeof schema.items === 'object' ? typeOf(schema.items) : 'anything'}`;
  if (schema.type === 'integer') return 'whole number';
  return Array.isArray(schema.type) ? schema.type.join(' | ') : (schema.type ?? 'anything');
}

function rangeOf(schema: PropertySchema): string | undefined {
  const parts = [];
  if (schema.minimum !== undefined && schema.minimum > -wide) parts.push(`>= ${schema.minimum}`);
  if (schema.exclusiveMinimum !== undefined) parts.push(`> ${schema.exclusiveMinimum}`);
  if (schema.maximum !== undefined && schema.maximum < wide) parts.push(`<= ${schema.maximum}`);
  if (schema.exclusiveMaximum !== undefined) parts.push(`< ${schema.exclusiveMaximum}`);
  return parts.length > 0 ? parts.join(', ') : undefined;
}

/** What a contribution's JSON schema says of its options. */
export function describeOptions(schema: Record<string, unknown>): OptionDescription[] {
  const { properties = {} } = schema as { properties?: Record<string, PropertySchema> };
  return Object.entries(properties).map(([name, property]) => ({
    name, type: typeOf(property), default: property.default, range: rangeOf(property), description: property.description,
  }));
}

/** Built-in techniques need not say where they come from. */
const origin = (plugin: string): string => (plugin.startsWith('@cultivar/') ? '' : `  [${plugin}]`);

/** `cultivar plugins list [kind]` */
export async function list(kind: string | undefined, options: PluginsOptions): Promise<number> {
  const terminal = new Terminal(options);
  const { kernel } = await openKernel({ plugins: options.plugin, config: options.config, logger: terminal.logger });
  const wanted = kinds.find((known) => known === kind || `${known}s` === kind);
  if (kind !== undefined && !wanted) throw failure('COMMAND_INVALID', { reason: `There is no kind ${kind}; there are: ${kinds.join(', ')}` });
  const entries = kernel.catalogue.list(wanted);
  terminal.result(
    entries.map(({ kind: of, name, summary, reference, plugin, version }) => ({ kind: of, name, summary, reference, plugin, version })),
    () => kinds.flatMap((of) => {
      const those = entries.filter((entry) => entry.kind === of);
      if (those.length === 0) return [];
      return [of, ...table(those.map(({ name, summary, plugin }) => [`  ${name}`, `${summary}${origin(plugin)}`])), ''];
    }).slice(0, -1),
  );
  return 0;
}

/** `cultivar plugins info NAME` */
export async function info(name: string, options: PluginsOptions): Promise<number> {
  const terminal = new Terminal(options);
  const { kernel } = await openKernel({ plugins: options.plugin, config: options.config, logger: terminal.logger });
  const all = kernel.catalogue.list();
  const entries = all.filter((entry) => entry.name === name && (options.kind === undefined || entry.kind === options.kind));
  if (entries.length === 0) {
    throw failure('CONTRIBUTION_UNKNOWN', { kind: options.kind ?? 'contribution', name, known: [...new Set(all.map((entry) => entry.name))].join(', ') });
  }
  const described = entries.map((entry) => ({
    kind: entry.kind, name: entry.name, summary: entry.summary, reference: entry.reference,
    plugin: entry.plugin, version: entry.version, options: describeOptions(entry.jsonSchema()),
  }));
  terminal.result(described, () => described.flatMap((entry, index) => [
    ...(index > 0 ? [''] : []),
    `${entry.kind} ${entry.name}: ${entry.summary}`,
    ...(entry.reference ? [`  after ${entry.reference}`] : []),
    `  from ${entry.plugin} ${entry.version}`,
    ...optionLines(entry.options),
    // Layers stand in networks, not in settings.
    ...(entry.kind === 'layer' ? [] : [`  example: ${example(entry.kind, entry.name, entry.options)}`]),
  ]));
  return 0;
}

function optionLines(described: OptionDescription[]): string[] {
  if (described.length === 0) return ['  no options'];
  return ['  options:', ...table(described.map((option) => [
    `    ${option.name}`,
    option.type,
    option.default === undefined ? '' : `default ${JSON.stringify(option.default)}`,
    option.range ?? '',
    option.description ?? '',
  ]))];
}

const switches: Record<string, string> = {
  backbone: '--backbone', strategy: '--strategy', similarity: '--similarity', optimizer: '--optimizer', solver: '--solver',
  schedule: '--schedule', initializer: '--initializer', augmentation: '--augment', regularizer: '--regularize', engine: '--engine', ensemble: '--ensemble',
};

function example(kind: string, name: string, described: OptionDescription[]): string {
  const first = described.find(({ default: value }) => ['number', 'string', 'boolean'].includes(typeof value));
  const text = first ? `${name}:${first.name}=${String(first.default)}` : name;
  const option = switches[kind];
  return option ? `${command} train photos/ ${option} ${text}` : `in cultivar.config.ts: ${kind}s: ['${text}']`;
}
