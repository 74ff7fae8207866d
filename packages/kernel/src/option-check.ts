import { failure, type CultivarError, type Kind, z } from '@cultivar/sdk';
import { allowed, schemaAt, shown, type SchemaNode } from './option-sentences.js';
import { didYouMean } from './near-names.js';
import { reasonOf } from './reason.js';

/** What the check needs to know of a contribution. */
interface Checked {
  kind: Kind;
  name: string;
  plugin: string;
  options?: z.ZodObject | undefined;
}

/** JSON Schema (2020-12) of what a user may give; defaults are in it. */
export function optionsJsonSchema(schema: z.ZodObject | undefined): Record<string, unknown> {
  const strict = schema ?? z.strictObject({});
  return z.toJSONSchema(strict, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>;
}

function valueAt(options: unknown, path: readonly PropertyKey[]): unknown {
  let value = options;
  for (const step of path) value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined;
  return value;
}

const written = (path: readonly PropertyKey[]) =>
  path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${String(step)}`)).join('');

/** What is wrong with an option: where it stands, and why, to stand inside a sentence. */
export interface OptionProblem {
  /** Such as `fit.to` or `at[1]`; empty where it is no single one. */
  option: string;
  reason: string;
}

function unknownOption(schema: SchemaNode, whose: string, path: readonly PropertyKey[], key: string): OptionProblem {
  const known = Object.keys(schemaAt(schema, path)?.properties ?? {});
  const reason = known.length === 0
    ? `there is no such option; ${whose} has none`
    : `there is no such option${didYouMean(key, known)}; the options are ${known.join(', ')}`;
  return { option: written([...path, key.length > 60 ? `${key.slice(0, 57)}...` : key]), reason };
}

const described = new WeakMap<z.ZodObject, SchemaNode>();

function describedBy(options: z.ZodObject | undefined): SchemaNode {
  const known = options && described.get(options);
  if (known) return known;
  let schema: SchemaNode = {};
  try {
    schema = optionsJsonSchema(options) as SchemaNode;
  } catch {
    // A schema that JSON Schema cannot express still has zod's own words.
  }
  if (options) described.set(options, schema);
  return schema;
}

/** Turns one of zod's issues into words: which option, what was given, what is allowed. @param whose options, such as `optimizer adam` */
export function optionProblem(options: z.ZodObject | undefined, whose: string, given: unknown, issue: z.core.$ZodIssue): OptionProblem {
  const schema = describedBy(options);
  if (issue.code === 'unrecognized_keys') return unknownOption(schema, whose, issue.path, issue.keys[0]!);
  const option = written(issue.path);
  // The author's own words go before ours.
  const may = issue.code === 'custom' || (issue.code === 'invalid_union' && issue.message !== 'Invalid input') ? undefined : allowed(schemaAt(schema, issue.path));
  const value = valueAt(given, issue.path);
  if (value === undefined && issue.path.length > 0 && issue.code !== 'custom') return { option, reason: may ? `it is missing; it must be ${may}` : 'it is missing' };
  const words = issue.message.replace(/\.$/, '').replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  if (may === undefined) return { option, reason: issue.path.length > 0 ? `${shown(value)} was given: ${words}` : words };
  const quote = typeof value !== 'string' && /^text|or text/.test(may) ? `; in quotes it is text: ${String(issue.path.at(-1))}="${String(value)}"` : '';
  return { option, reason: `${shown(value)} was given; it must be ${may}${typeof value === 'object' ? '' : quote}` };
}

function optionFailure({ kind, name, options }: Checked, given: unknown, issue: z.core.$ZodIssue): CultivarError {
  const { option, reason } = optionProblem(options, `${kind} ${name}`, given, issue);
  return failure('OPTION_INVALID', { option: option || 'combination', kind, name, reason });
}

/**
 * Checks options against the contribution's schema and fills the defaults in. Options that are `undefined` count as
 * not given; options that the schema does not know are errors, even if the author wrote a loose object.
 * @throws CultivarError OPTION_INVALID
 */
export function checkOptions(contribution: Checked, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const schema = contribution.options ?? z.strictObject({});
  let result: z.ZodSafeParseResult<Record<string, unknown>>;
  try {
    result = schema.safeParse(options);
  } catch (error) {
    throw failure('PLUGIN_CONTRIBUTION', { name: contribution.name, plugin: contribution.plugin, reason: `its option schema fails: ${reasonOf(error)}` }, error);
  }
  if (result.success) return Object.freeze(result.data);
  throw optionFailure(contribution, options, result.error.issues[0]!);
}
