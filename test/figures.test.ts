/** Numbers become words in one place, `packages/sdk/src/figures.ts`: whatever formats one on its own would print NaN, Infinity or -0.0. */
import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { repository } from './support/command.js';

/** Files that round a number for another purpose than telling it, or one that cannot be anything but a size or a time. */
const allowed = new Set([
  'packages/cultivar/src/terminal/words.ts', 'packages/cultivar/src/terminal/doctor.ts', 'packages/cultivar/src/terminal/native.ts',
  'packages/study/src/tune/search-space.ts', 'packages/study/src/tune/lecture-order.ts', 'packages/study/src/initializers/layer-statistics.ts', 'plugins/backbones/src/mobilenet-v1.ts',
]);
/** Rates that are given to a command line again, or name themselves. */
const expressions = /Number\(\w+\.toPrecision\(\d\)\)|rate\.toExponential\(0\)/g;

/** Rooms whose numbers say how good something is. */
const rooms = [...['training', 'ensemble', 'study', 'cultivar'].map((name) => join('packages', name)), ...readdirSync(join(repository, 'plugins')).map((name) => join('plugins', name))];
const sources = rooms.flatMap((room) => {
  const folder = join(repository, room, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !/\.test\./.test(name)).map((name) => relative(repository, join(folder, name)).replaceAll('\\', '/'));
});

describe('figures', () => {
  it('are written in one place', () => {
    expect(sources.length).toBeGreaterThan(200);
    const own = sources.filter((file) => !allowed.has(file) && /\.to(Fixed|Precision|Exponential)\(/.test(readFileSync(join(repository, file), 'utf8').replace(expressions, '')));
    expect(own).toEqual([]);
  });

  it('have no largest number of the computer in place of none', () => {
    expect(sources.filter((file) => readFileSync(join(repository, file), 'utf8').includes('MAX_VALUE'))).toEqual([]);
  });
});
