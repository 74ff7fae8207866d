import { requiredMethods, type Kind } from '@cultivar/sdk';
import { expect } from '@jest/globals';
import type { Checks } from './subject.js';

/** A technique has a source; other kinds name one where there is one. */
const techniques: readonly Kind[] = ['optimizer', 'solver', 'schedule', 'initializer', 'augmentation', 'regularizer', 'layer', 'ensemble', 'similarity', 'strategy'];
const ours = (plugin: string) => plugin.startsWith('@cultivar/');

/** What every contribution of every kind must hold. */
export const contributionChecks: Checks<object> = {
  'says what it is: a name with hyphens, one line, a source': ({ entry }) => {
    expect(entry.name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(entry.summary).toMatch(/^[^\n]{10,140}$/);
    expect(entry.summary).not.toMatch(/\.$/);
    if (ours(entry.plugin) && techniques.includes(entry.kind)) expect(entry.reference).toMatch(/\S/);
  },
  'has options that are described, and defaults that its own schema accepts again': ({ entry }) => {
    const schema = entry.jsonSchema() as { properties?: Record<string, { description?: string }> };
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    if (ours(entry.plugin)) for (const [option, { description }] of Object.entries(schema.properties ?? {})) expect(`${option}: ${description ?? ''}`).toMatch(/: \S/);
    const defaults = entry.options?.safeParse({});
    if (!defaults?.success) return;
    const through = JSON.parse(JSON.stringify(defaults.data)) as Record<string, unknown>;
    expect(through).toEqual(defaults.data);
    expect(entry.options!.parse(through)).toEqual(defaults.data);
  },
  'can be made, with the methods of its kind': ({ entry, make }) => {
    if (entry.options && !entry.options.safeParse({}).success) return;
    const instance = make() as Record<string, unknown>;
    const { all = [], anyOf } = requiredMethods[entry.kind];
    for (const method of all) expect(typeof instance[method]).toBe('function');
    if (anyOf) expect(anyOf.some((method) => typeof instance[method] === 'function')).toBe(true);
  },
};
