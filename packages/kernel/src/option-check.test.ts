import { describe, expect, it } from '@jest/globals';
import { z } from '@cultivar/sdk';
import { checkOptions, optionsJsonSchema } from './option-check.js';

const schema = z.object({
  decay: z.number().min(0).max(1).default(0.9),
  rate: z.number().positive().default(1),
  below: z.number().lt(3).default(1),
  most: z.number().max(3).default(1),
  steps: z.int().min(1).default(3),
  mode: z.enum(['in', 'out']).default('in'),
  nesterov: z.boolean().default(false),
  weights: z.string().min(2).optional(),
  at: z.array(z.number().min(0)).min(1).default([0.5]),
  span: z.tuple([z.number(), z.number()]).default([0, 1]),
  size: z.union([z.literal('auto'), z.int().min(8)]).default('auto'),
  fit: z.object({ to: z.number().default(1) }).default({ to: 1 }),
}).refine(({ rate, most }) => rate <= 10 * most, 'Rate must be at most ten times most.').strict();
const contribution = { kind: 'optimizer', name: 'test', plugin: 'mine', options: schema } as const;
const required = { kind: 'backbone', name: 'file', plugin: 'mine', options: z.strictObject({ weights: z.string(), loader: z.any() }) } as const;

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toMatchObject({ code: 'OPTION_INVALID', exit: 2 });
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

describe('checkOptions', () => {
  it('fills defaults in and takes undefined for not given', () => {
    expect(checkOptions(contribution, { decay: 0.5, rate: undefined, gone: undefined })).toMatchObject({ decay: 0.5, rate: 1, mode: 'in' });
  });

  it('gives options that cannot be changed', () => {
    expect(Object.isFrozen(checkOptions(contribution, {}))).toBe(true);
  });

  it.each([
    [{ decay: 2 }, 'Option decay of optimizer test is wrong: 2 was given; it must be a number from 0 to 1.'],
    [{ decay: 'high' }, 'Option decay of optimizer test is wrong: "high" was given; it must be a number from 0 to 1.'],
    [{ decay: Number.NaN }, 'Option decay of optimizer test is wrong: NaN was given; it must be a number from 0 to 1.'],
    [{ decay: null }, 'Option decay of optimizer test is wrong: null was given; it must be a number from 0 to 1.'],
    [{ rate: 0 }, 'Option rate of optimizer test is wrong: 0 was given; it must be a number above 0.'],
    [{ below: 3 }, 'Option below of optimizer test is wrong: 3 was given; it must be a number below 3.'],
    [{ most: 4 }, 'Option most of optimizer test is wrong: 4 was given; it must be a number of at most 3.'],
    [{ steps: 1.5 }, 'Option steps of optimizer test is wrong: 1.5 was given; it must be a whole number of at least 1.'],
    [{ mode: 'on' }, 'Option mode of optimizer test is wrong: "on" was given; it must be one of "in", "out".'],
    [{ nesterov: 'yes' }, 'Option nesterov of optimizer test is wrong: "yes" was given; it must be true or false.'],
    [{ weights: '' }, 'Option weights of optimizer test is wrong: "" was given; it must be text of at least 2 characters.'],
    [{ weights: 2024 }, 'Option weights of optimizer test is wrong: 2024 was given; it must be text of at least 2 characters; in quotes it is text: weights="2024".'],
    [{ at: [] }, 'Option at of optimizer test is wrong: [] was given; it must be a list of at least 1 values, each a number of at least 0.'],
    [{ at: [1, -1] }, 'Option at[1] of optimizer test is wrong: -1 was given; it must be a number of at least 0.'],
    [{ span: 3 }, 'Option span of optimizer test is wrong: 3 was given; it must be a list of a number, a number.'],
    [{ span: [0, 'x'] }, 'Option span[1] of optimizer test is wrong: "x" was given; it must be a number.'],
    [{ size: 4 }, 'Option size of optimizer test is wrong: 4 was given; it must be "auto" or a whole number of at least 8.'],
    [{ fit: { to: 'x' } }, 'Option fit.to of optimizer test is wrong: "x" was given; it must be a number.'],
    [{ rate: 20 }, 'Option combination of optimizer test is wrong: rate must be at most ten times most.'],
  ])('%j', (options, message) => {
    expect(messageOf(() => checkOptions(contribution, options))).toBe(message);
  });

  it('names what is unknown, and what is known', () => {
    const message = messageOf(() => checkOptions(contribution, { decai: 1 }));
    expect(message).toMatch(/^Option decai of optimizer test is wrong: there is no such option \(did you mean decay\?\); the options are decay, rate, .*fit\.$/);
    expect(messageOf(() => checkOptions({ ...contribution, options: undefined }, { decay: 1 }))).toBe(
      'Option decay of optimizer test is wrong: there is no such option; optimizer test has none.',
    );
  });

  it('says what is missing', () => {
    expect(messageOf(() => checkOptions(required, { loader: 1 }))).toBe('Option weights of backbone file is wrong: it is missing; it must be text.');
  });

  it('blames the plugin for a schema that cannot be run', () => {
    const options = z.strictObject({ a: z.number().refine(async () => true).default(1) });
    expect(() => checkOptions({ ...contribution, options }, {})).not.toThrow();
    expect(() => checkOptions({ ...contribution, options }, { a: 2 })).toThrow(expect.objectContaining({ code: 'PLUGIN_CONTRIBUTION' }));
  });
});

describe('optionsJsonSchema', () => {
  it('carries defaults and bounds, also for what JSON Schema cannot say', () => {
    const json = optionsJsonSchema(z.strictObject({ decay: z.number().min(0).default(0.9), map: z.custom<Date>(() => true).optional() }));
    expect(json).toMatchObject({ type: 'object', additionalProperties: false, properties: { decay: { type: 'number', minimum: 0, default: 0.9 }, map: {} } });
    expect(json.required).toBeUndefined();
    expect(optionsJsonSchema(undefined)).toMatchObject({ type: 'object', properties: {}, additionalProperties: false });
  });
});
