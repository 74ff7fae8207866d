import { describe, expect, it } from '@jest/globals';
import { z } from '@cultivar/sdk';
import { describeOptions } from './plugins.js';

describe('options of a technique', () => {
  it('are told with type, default and range', () => {
    const schema = z.toJSONSchema(z.object({
      decay: z.number().min(0).max(1).default(0.9).describe('share kept'),
      steps: z.int().min(1).default(3),
      rate: z.number().positive(),
      mode: z.enum(['zeros', 'mean']).default('mean'),
      alpha: z.literal([0.25, 0.5]).default(0.5),
      nesterov: z.boolean().default(false),
      at: z.array(z.number()).default([0.5]),
      grey: z.union([z.number(), z.string()]).optional(),
    }), { io: 'input' }) as Record<string, unknown>;
    expect(describeOptions(schema)).toEqual([
      { name: 'decay', type: 'number', default: 0.9, range: '>= 0, <= 1', description: 'share kept' },
      { name: 'steps', type: 'whole number', default: 3, range: '>= 1' },
      { name: 'rate', type: 'number', range: '> 0' },
      { name: 'mode', type: 'zeros | mean', default: 'mean' },
      { name: 'alpha', type: '0.25 | 0.5', default: 0.5 },
      { name: 'nesterov', type: 'boolean', default: false },
      { name: 'at', type: 'list of number', default: [0.5] },
      { name: 'grey', type: 'number | string' },
    ]);
  });
});
