import { describe, expect, it } from '@jest/globals';
import { tooMuch } from './bounded.js';

function nested(levels: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { inside: value };
  return value;
}
function doubled(levels: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level += 1) value = [value, value];
  return value;
}

describe('tooMuch', () => {
  it('lets pass what people write, and plugins with all they hold', () => {
    const plugin: Record<string, unknown> = { name: 'mine', contributions: [Map] };
    plugin['itself'] = plugin;
    expect(tooMuch({ augment: ['flip', { name: 'mixup', alpha: 0.2 }], plugins: [plugin, [plugin]], seed: 1, at: new Date(0) })).toBeUndefined();
    expect(tooMuch(nested(32))).toBeUndefined();
    for (const value of [undefined, null, 1, 'x', () => {}]) expect(tooMuch(value)).toBeUndefined();
  });

  it.each([33, 1000, 100_000])('refuses %i levels', (levels) => {
    expect(tooMuch(nested(levels))).toMatch(/more than 32 deep/);
  });

  it('refuses what stands in itself, or in more places than can be counted', () => {
    const list: unknown[] = [];
    list.push(list);
    expect(tooMuch(list)).toMatch(/deep/);
    const endless: object = new Proxy({}, { get: () => endless, ownKeys: () => ['a'], getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: endless }) });
    expect(tooMuch(endless)).toMatch(/deep/);
    const began = performance.now();
    expect(tooMuch(doubled(31))).toMatch(/more than 50,000 values/);
    expect(tooMuch(Array.from({ length: 60_000 }).fill(0))).toMatch(/values/);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
