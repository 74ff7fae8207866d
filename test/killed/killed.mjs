/**
 * Kills runs by SIGKILL at random moments of their whole life, goes on as a user would (`--resume`, or the same command again), and compares what comes
 * of them with what came of the run that nobody killed: numbers and bytes. Half of the moments are points in time, half are deeds to a file: before one,
 * in the middle of writing one, after one. One in three is killed once more while it goes on.
 *
 *     node test/killed/killed.mjs --times 100 --seed 1 [--seconds 600] [--only train,snapshots,tune,folds,install,replace]
 *
 * Exit code 1 where anything was not as it should be; its folder is then left and named.
 */
import { parseArgs } from 'node:util';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installation, replacement } from './installation.mjs';
import { drawPhotos, kinds } from './kinds.mjs';
import { life } from './life.mjs';

const { values: { times, seed, seconds, only } } = parseArgs({ options: { times: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' }, seconds: { type: 'string', default: 'Infinity' }, only: { type: 'string' } } });

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
function generator(start) {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const work = mkdtempSync(join(tmpdir(), 'cultivar-killed-'));
const photos = await drawPhotos(join(work, 'photos'));
const all = { ...kinds(photos), ...(process.platform === 'linux' && process.arch === 'x64' && { install: installation, replace: replacement }) };
const chosen = Object.entries(all).filter(([name]) => only === undefined || only.split(',').includes(name));
const counts = {};
const say = (line) => process.stdout.write(`${line}\n`);
let wrong = 0;
let lives = 0;
const whole = new Map();
for (let number = 0; number < Number(times) && performance.now() < 1000 * Number(seconds); number += 1) {
  const random = generator(Number(seed) * 100_003 + number);
  const [name, kind] = chosen[number % chosen.length];
  if (!whole.has(name)) whole.set(name, await life(kind, join(work, `${name}-whole`)));
  const folder = join(work, `${name}-${number}`);
  const { moments, problem } = await life(kind, folder, whole.get(name), random);
  const count = (counts[name] ??= { lives: 0, kills: 0, 'ended first': 0 });
  count.lives += 1;
  lives += 1;
  for (const { killed } of moments) count[killed ? 'kills' : 'ended first'] += 1;
  if (problem) {
    wrong += 1;
    say(`${name}, number ${number} (seed ${seed}): ${problem}\n  ${moments.map(({ told }) => told).join('; then ')}\n  ${folder}`);
  } else {
    rmSync(folder, { recursive: true, force: true });
  }
}
for (const [name, count] of Object.entries(counts)) say(`${name}: ${Object.entries(count).map(([what, much]) => `${much} ${what}`).join(', ')}`);
say(`${lives} lives, ${Object.values(counts).reduce((sum, { kills }) => sum + kills, 0)} kills, ${wrong} not as it should be`);
if (wrong === 0) rmSync(work, { recursive: true, force: true });
process.exitCode = wrong === 0 ? 0 : 1;
