import type { Kind } from './kinds.js';
import type { z } from 'zod';

/** What a contribution says of itself. */
export interface ContributionDetails<S extends z.ZodObject = z.ZodObject> {
  /** Lower case with hyphens, the field's own word: `rmsprop`, `random-erasing`. */
  name: string;
  /** One line: what it does. */
  summary: string;
  /** Paper or lecture. */
  reference?: string;
  /** Options with their defaults; none when absent. */
  options?: S;
}

/** Details plus kind, as the decorators leave them on a class. */
export interface ContributionMetadata extends ContributionDetails {
  kind: Kind;
}

/** A class with one of the contribution decorators on it. */
export type ContributionClass = new () => object;

/** A plugin: a name and what it contributes. */
export interface Plugin {
  name: string;
  /** Semantic version; taken from package.json when absent. */
  version?: string;
  contributions: ContributionClass[];
}

/** Gives a plugin its type. Default export of a plugin's entry file. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

const metadataKey = Symbol.for('cultivar:contribution');

/** Keeps the metadata on the class itself, so that it is not inherited by accident. */
export function setContributionMetadata(target: ContributionClass, metadata: ContributionMetadata): void {
  Object.defineProperty(target, metadataKey, { value: metadata, enumerable: false, configurable: false });
}

/** @returns the metadata of a decorated class, or undefined if it carries no contribution decorator of its own */
export function contributionMetadata(target: object): ContributionMetadata | undefined {
  return Object.getOwnPropertyDescriptor(target, metadataKey)?.value as ContributionMetadata | undefined;
}
