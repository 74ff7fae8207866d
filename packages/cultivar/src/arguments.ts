/** What is given to a public function: checked in one place, before anything is done. */
import { optionProblem, pluginSourcesSchema, shown } from '@cultivar/kernel';
import { failure, isCultivarError, z, type CultivarError, type Logger, type Progress } from '@cultivar/sdk';
import { lostName } from '@cultivar/sdk/internal';
import type { TrainingEvent } from '@cultivar/training';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A path, or a `file:` URL. */
export type Path = string | URL;

const wrong = (argument: string, call: string, reason: string, cause?: unknown): CultivarError => failure('ARGUMENT_INVALID', { argument, call, reason }, cause);

/** URLs of any realm. */
const isUrl = (value: unknown): value is URL => typeof value === 'object' && value !== null && 'href' in value && typeof value.href === 'string' && 'protocol' in value;

/** @returns the path, or what keeps the value from being one */
function readPath(value: unknown): { path: string } | { problem: string } {
  const given = isUrl(value) ? value.href : value;
  if (isUrl(value)) {
    if (value.protocol !== 'file:') return { problem: `${shown(given)} was given; of URLs only file: ones name something on this machine` };
    try {
      return { path: fileURLToPath(value.href) };
    } catch (error) {
      return { problem: `${shown(given)} was given: ${error instanceof Error ? error.message : String(error)}` };
    }
  }
  if (typeof given !== 'string') return { problem: `${shown(given)} was given; it must be a path or a file: URL` };
  if (given === '') return { problem: 'it is empty; it must be a path or a file: URL' };
  if (given.includes('\0')) return { problem: `${shown(given)} was given; no path holds a zero byte` };
  return { path: given };
}

/** A path as an option or a setting: text that is a path, when it has been checked. */
export const pathSchema = z.custom<Path>().transform((value: unknown, context): string => {
  const read = readPath(value);
  if ('path' in read) return read.path;
  context.addIssue({ code: 'custom', message: read.problem, params: { whole: true } });
  return z.NEVER;
});

/** @throws CultivarError ARGUMENT_INVALID */
export function checkPath(value: unknown, argument: string, call: string): string {
  if (value === undefined) throw wrong(`Argument ${argument}`, call, 'it is missing; it must be a path or a file: URL');
  return readArgument(argument, call, () => {
    const read = readPath(value);
    if ('problem' in read) throw wrong(`Argument ${argument}`, call, read.problem);
    return read.path;
  });
}

/** Looks at what somebody has given, which may throw when it is looked at. @throws CultivarError ARGUMENT_INVALID */
export function readArgument<Result>(argument: string, call: string, look: () => Result): Result {
  try {
    return look();
  } catch (error) {
    throw isCultivarError(error) ? error : wrong(`Argument ${argument}`, call, unreadable(error), error);
  }
}

/** Before anything is loaded. @throws CultivarError DATA_NOT_FOUND */
export function checkThere(path: string): void {
  if (existsSync(path)) return;
  const lost = lostName(path);
  throw lost === undefined ? failure('DATA_NOT_FOUND', { path }) : failure('DATA_UNREADABLE', { path, reason: lost });
}

const isObject = (value: unknown): value is object => (typeof value === 'object' || typeof value === 'function') && value !== null;
const having = <Type>(names: readonly string[], error: string) => z.custom<Type>((value) => isObject(value) && names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'), { error });
/** A function of the caller's. */
export const listener = <Event>() => z.custom<(event: Event) => void | Promise<void>>((value) => typeof value === 'function', { error: 'it must be a function' });

/** Options that say where plugins and settings come from, and who is told. */
export const surroundings = {
  plugins: pluginSourcesSchema,
  config: z.union([z.boolean(), pathSchema], { error: 'it must be the path of a configuration file, true for that of the working folder, or false for none' }),
  logger: having<Logger>(['debug', 'info', 'warn'], 'it must have the methods debug, info and warn'),
  progress: having<Progress>(['start'], 'it must have the method start'),
  signal: z.custom<AbortSignal>((value) => isObject(value) && 'aborted' in value && typeof value.aborted === 'boolean' && 'addEventListener' in value && typeof value.addEventListener === 'function', { error: 'it must be an AbortSignal' }),
};
export const onEvent = listener<TrainingEvent>();

/**
 * @param call such as `load()`, for the message
 * @returns the options as they are used; none where undefined was given
 * @throws CultivarError ARGUMENT_INVALID, which names each wrong option, what was given and what it may be
 */
export function checkArguments<Schema extends z.ZodObject>(schema: Schema, given: unknown, call: string): z.output<Schema> {
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given))) throw wrong('Argument options', call, `${shown(given)} was given; it must be an object`);
  const problems: { option: string; reason: string }[] = [];
  try {
    // What is undefined is not given.
    const present: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const name of Object.keys(given ?? {})) {
      const value = attempt(name, () => (given as Record<string, unknown>)[name]);
      if (value !== undefined) present[name] = value;
      // One after the other first, to know which of them cannot even be looked at.
      const one = Object.hasOwn(schema.shape, name) ? schema.shape[name] as z.ZodType : undefined;
      if (value !== undefined && one) attempt(name, () => (isObject(value) && Object.getPrototypeOf(value), one.safeParse(value)));
    }
    const checked = schema.safeParse(present);
    if (checked.success) return checked.data;
    problems.push(...checked.error.issues.map((issue) => attempt(String(issue.path[0] ?? 'options'), () => problemOf(schema, call, present, issue))));
  } catch (error) {
    if (!(error instanceof Unreadable)) throw wrong('Argument options', call, unreadable(error), error);
    problems.push({ option: error.option, reason: error.message });
  }
  const [first, ...others] = problems.map(({ option, reason }) => ({ argument: option ? `Option ${option}` : 'Argument options', reason }));
  throw wrong(first!.argument, call, [first!.reason, ...others.map(({ argument, reason }) => `${argument}: ${reason}`)].join('; '));
}

class Unreadable extends Error {
  constructor(readonly option: string, cause: unknown) {
    super(unreadable(cause), { cause });
  }
}

function unreadable(error: unknown): string {
  return error instanceof Error && error.name === 'RangeError' ? 'it is nested too deep' : `it cannot be read (${shown(error instanceof Error ? error.message : error)})`;
}

function attempt<Result>(option: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new Unreadable(option, error);
  }
}

/** One of zod's issues in words. @param whose options */
export function problemOf(schema: z.ZodObject, whose: string, given: unknown, issue: z.core.$ZodIssue): { option: string; reason: string } {
  const problem = optionProblem(schema, whose, given, issue);
  // The sentence of a path says already what was given.
  return issue.code === 'custom' && issue.params?.['whole'] === true ? { ...problem, reason: issue.message } : problem;
}
