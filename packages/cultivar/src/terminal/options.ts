/** Options that commands share, and the kinds of value that they take. */
import { InvalidArgumentError, type Command } from 'commander';

/** Gathers a repeatable option. */
export const collect = (value: string, before: string[] = []) => [...before, value];

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

export function count(text: string): number {
  const value = number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number of one or more.');
  return value;
}

/** `0.5x20`: a rate and how many draws. */
export function dropout(text: string): { rate: number; draws: number } {
  const [, rate, draws] = /^(0?\.\d+|0)x(\d+)$/.exec(text) ?? [];
  if (rate === undefined || Number(draws) < 1 || Number(draws) > 10_000) throw new InvalidArgumentError('It must be a rate below 1 and how many predictions to average, 10000 at most, such as 0.5x20.');
  return { rate: Number(rate), draws: Number(draws) };
}

/** Crops of each image that are averaged. */
export function crops(text: string): 1 | 5 | 10 | 'multi-scale' {
  const kinds = [1, 5, 10, 'multi-scale'] as const;
  const kind = kinds.find((one) => String(one) === text);
  if (kind === undefined) throw new InvalidArgumentError(`It must be one of ${kinds.join(', ')}.`);
  return kind;
}

export function seed(text: string): number {
  const value = number(text);
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.');
  return value;
}

/** The option of commands that read images. */
export function withImages(command: Command): Command {
  return command.option('--max-pixels <count>', 'pixels of an image at most; larger ones are set aside (default: 200000000)', count);
}

/** `camera1=train`, gathered. */
export function splitUse(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.lastIndexOf('=');
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError('It must be the name of a folder or value and its use, such as camera1=train.');
  const [name, use] = [text.slice(0, at), text.slice(at + 1)];
  if (Object.hasOwn(before, name) && before[name] !== use) throw new InvalidArgumentError(`${name} cannot be both ${before[name]} and ${use}.`);
  return { ...before, [name]: use };
}

/** Of an option that takes one value the last counts, as everywhere; that the first does not is said. @param say told a sentence */
export function onceEach(command: Command, say: (sentence: string) => void): void {
  for (const option of command.options) {
    if (option.isBoolean() || option.variadic || option.parseArg === collect || option.parseArg === splitUse) continue;
    let given: unknown;
    command.on(`option:${option.name()}`, (value: unknown) => {
      if (given !== undefined && given !== value) say(`${option.long} ${String(given)} has no effect: it is given again, as ${String(value)}.`);
      given = value;
    });
  }
}

/** `path=img,label=breed,split=part` */
export function csvColumns(text: string): Record<string, string> {
  const pairs = text.split(/,(?=(?:path|label|split|fold)=)/).map((part) => /^(path|label|split|fold)=(.+)$/.exec(part));
  if (pairs.some((pair) => pair === null)) throw new InvalidArgumentError('It must name columns, such as path=img,label=breed,split=part,fold=k.');
  if (new Set(pairs.map((pair) => pair![1])).size < pairs.length) throw new InvalidArgumentError('It names the same column twice.');
  return Object.fromEntries(pairs.map((pair) => [pair![1]!, pair![2]!]));
}

/** Options of commands that read labelled images. */
export function withData(command: Command): Command {
  return withImages(command)
    .option('--split <name=use>', 'what a folder, or a value of the split column, is for: train, val, test or ignore (repeatable; default: what names tell)', splitUse)
    .option('--class-folders <which>', 'outer or inner: which folders are the classes where folders lie in folders', classFolders)
    .option('--csv <columns>', 'columns of a CSV file, such as path=img,label=breed,split=part,fold=k', csvColumns);
}

function classFolders(text: string): string {
  if (text !== 'outer' && text !== 'inner') throw new InvalidArgumentError('It must be outer or inner.');
  return text;
}

/** Options that every command has. */
export function common(command: Command): Command {
  return command
    .option('--json', 'print one machine-readable line on stdout')
    .option('-q, --quiet', 'print only warnings and errors besides the result')
    .option('--debug', 'print everything that is logged, and stack traces');
}

/** Options of commands that use plugins. Their configuration is read where it is asked for. */
export function withPlugins(command: Command): Command {
  return pluginOption(command, 'configuration file whose plugins and engine count too (default: none)');
}

/** Options of commands that set a run up: the configuration of the working folder counts, unless another is named. */
export function withConfiguration(command: Command): Command {
  return pluginOption(command, 'configuration file (default: cultivar.config.{ts,js,mjs,json} in the working folder, if there is one)');
}

function pluginOption(command: Command, configuration: string): Command {
  return common(command
    .option('--plugin <name|path>', 'load this plugin too (repeatable)', collect)
    .option('--config <path>', configuration));
}

/** The configuration of a command that sets a run up. */
export const configured = (config: string | undefined): string | true => config ?? true;

/** How a contribution is given. */
export const reference = '<name:key=value,...>';
