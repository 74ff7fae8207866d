/** Settings as people wrote them, for telling which of them had no effect. */
import { written } from '@cultivar/kernel';
import type { Logger } from '@cultivar/sdk';
import { unusedWarning, unusedWarnings, type RunWarning, type SettingName, SettingUse, type WrittenSetting } from '@cultivar/training';
import { relative } from 'node:path';
import type { Reference } from './references.js';
import type { Settings } from './settings.js';

/** What speaks against a result: settings that had no effect. */
export interface Warned {
  warnings: RunWarning[];
}

/** Where the settings of a run come from. */
export interface Origins {
  given: Settings;
  /** Those of the configuration file, which hold where none is given. */
  configured: Settings;
  configPath?: string;
  /** Given as options of the command line: `--views 3`; else as those of a call: `views: 3`. */
  asOptions?: boolean;
  /** Settings that a search sets, as it was given: `{ batchSize: 'batchSize=8|16' }`. */
  searched?: Readonly<Record<string, string>>;
}

const names: Readonly<Record<string, keyof Settings>> = { augmentations: 'augment', regularizers: 'regularize' };

/** @returns for a setting of a request how it was written; nothing where a person wrote none */
export function writtenAs(origins: Origins): (setting: SettingName) => WrittenSetting | undefined {
  return (setting) => {
    const [name, place] = setting.split('.') as [string, string | undefined];
    const search = origins.searched?.[name];
    if (search !== undefined) return { setting: 'search', text: `${origins.asOptions ? '--search ' : 'search: '}${search}` };
    if (name === 'strategy') return optionOf(writtenSetting(origins, name), place!);
    return writtenSetting(origins, names[name] ?? (name as keyof Settings), place === undefined ? undefined : Number(place));
  };
}

/** An option alone of what was written. */
export const optionOf = (said: WrittenSetting | undefined, option: string): WrittenSetting | undefined => said && { ...said, text: `Option ${option} of ${said.text}` };

/** @param place of one in a list; absent: all of it */
export function writtenSetting({ given, configured, configPath, asOptions = false }: Origins, setting: keyof Settings, place?: number): WrittenSetting | undefined {
  const value = given[setting] ?? configured[setting];
  if (value === undefined) return undefined;
  // A switch has no value.
  const values = value === true && asOptions ? [''] : (Array.isArray(value) ? (place === undefined ? value : value.slice(place, place + 1)) : [value]).map(inWords);
  const here = given[setting] !== undefined;
  if (here && asOptions) return { setting, text: values.map((one) => `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${one}`.trim()).join(' ') };
  const origin = here ? '' : ` (of ${configPath === undefined ? 'the configuration' : shown(configPath)})`;
  return { setting, text: `${setting}: ${values.join(', ')}${origin}` };
}

/** Settings that no run of a study made use of, and those that it leaves aside altogether; all are said. @param aside why, by the setting */
export function tellUnused(use: SettingUse, origins: Origins, { logger, aside = {} }: { logger?: Logger; aside?: Partial<Record<keyof Settings, string>> }): RunWarning[] {
  const left = Object.entries(aside).flatMap(([setting, why]) => {
    const said = writtenSetting(origins, setting as keyof Settings);
    return said ? [unusedWarning(said, why)] : [];
  });
  const warnings = [...left, ...unusedWarnings(use.unused, writtenAs(origins)).filter(({ setting }) => aside[setting as keyof Settings] === undefined)];
  for (const { message } of warnings) logger?.warn(message);
  return warnings;
}

/** Settings of a configuration file that something goes before; all are said. */
export function unusedConfiguration({ given, configured, configPath }: Origins, why: string, logger: Logger): RunWarning[] {
  const names = (Object.keys(configured) as (keyof Settings)[]).filter((name) => given[name] === undefined);
  return tellUnused(new SettingUse(), { given: {}, configured, configPath }, { logger, aside: Object.fromEntries(names.map((name) => [name, why])) });
}

/** Options of a command, beside the settings of a run, that have no effect in this combination; all are said. @param options those that were given; undefined: not */
export function unusedOptions(options: Readonly<Record<string, unknown>>, why: string, { logger, asOptions }: { logger?: Logger; asOptions?: boolean }): RunWarning[] {
  const warnings = Object.keys(options).flatMap((setting) => {
    const said = writtenSetting({ given: options as Settings, configured: {}, asOptions }, setting as keyof Settings);
    return said ? [unusedWarning(said, why)] : [];
  });
  for (const { message } of warnings) logger?.warn(message);
  return warnings;
}

/** Dropping nothing, however often. */
export function unusedDropout(dropout: { rate: number; draws: number } | undefined, { logger, asOptions }: { logger?: Logger; asOptions?: boolean }): RunWarning[] {
  if (dropout?.rate !== 0) return [];
  return unusedOptions(asOptions ? { dropout: `0x${dropout.draws}` } : { monteCarlo: `{ rate: 0, draws: ${dropout.draws} }` }, 'at a rate of 0 nothing is dropped', { logger, asOptions });
}

function inWords(value: unknown): string {
  if (typeof value === 'object' && value !== null) return written(value as Exclude<Reference, string>);
  return typeof value === 'string' ? value : String(value);
}

function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}
