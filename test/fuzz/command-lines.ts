/**
 * Command lines made of the real commands and options with values that nobody expects. Whatever is typed: an exit code of 0, 1 or 2, an error of the
 * catalogue in one sentence, no stack; with `--json` one line on stdout that can be parsed.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { fineTune } from 'cultivar';
import { buildProgram } from '../../packages/cultivar/dist/terminal/program.js';
import { nanoIsBuilt } from '../support/command.js';
import { cultivarHere } from '../support/command-in-process.js';
import { drawDataset } from '../support/drawn-images.js';
import { randomFrom, type Random } from './random.js';
import type { FuzzTarget } from './target.js';

/** What would reach other hosts or take a minute whatever is typed. */
const apart = new Set(['native install', 'native remove', 'doctor', 'study sharpness']);

interface Leaf {
  words: string[];
  command: Command;
}

function leaves(command: Command, words: string[]): Leaf[] {
  if (command.commands.length === 0) return apart.has(words.join(' ')) ? [] : [{ words, command }];
  return command.commands.flatMap((child) => leaves(child, [...words, child.name()]));
}
const commands = leaves(buildProgram({}, () => {}), []);
const groups = ['plugins', 'data', 'compare', 'study', 'native'];

const oddities = [
  '', ' ', '-', '--', '-1', '0', '-0', '1.5', 'NaN', 'Infinity', '1e309', '1e-400', '0x10', '4294967296', '9007199254740993', '1,2', '3,2,1', '5,,', '0.5x20', '1x0', 'multi-scale',
  ':', '=', ',', 'name:', 'a:b', 'a:b=c', 'adam:beta1=[', 'adam:beta1=5', 'adam:beta1=', 'adam:name=x', 'flip:"', 'constructor', '__proto__', 'toString', 'hasOwnProperty', 'null', 'undefined', 'true', '[]', '{}',
  'a\nb', '\t', '\u001b[31mred', '\u202eabc', '\ud800', '名前', 'e\u0301', '%s%n', '$(id)', '`id`', '"', "'", '*', '?', '.', '..', './', '~', 'x'.repeat(300), 'y'.repeat(20_000),
  '/dev/null', '/dev/full', '/proc/self/mem', '/dev/null/at/all', 'C:\\x', 'file:///etc/hostname', 'http://127.0.0.1:9/x', '--json', '--help', '-k', '--=x', '---', '--no-json',
];
const sensible = ['adam', 'sgd', 'flip', 'mixup:alpha=0.2', 'nano', 'linear-probe', 'auto', 'cosine', 'onnx', 'he', 'none', '1', '2', '7', '0.3', 'learningRate=log:1e-5..1e-2', 'batchSize=8|16', 'better', 'halving', 'train=val', 'path=img,label=x', 'outer'];

interface Places {
  base: string;
  /** Paths that are there. */
  paths: string[];
}
let places: Promise<Places> | undefined;

async function prepare(): Promise<Places> {
  const base = mkdtempSync(join(tmpdir(), 'cultivar-command-lines-'));
  const at = (name: string) => join(base, name);
  mkdirSync(at('empty'));
  mkdirSync(at('flat'));
  writeFileSync(at('flat/a.png'), 'no image');
  writeFileSync(at('text'), 'text');
  writeFileSync(at('table.csv'), 'path,label,split\nflat/a.png,x,train\n');
  writeFileSync(at('settings.json'), '{"seed": 3, "optimizer": "adam"}');
  writeFileSync(at('wrong.json'), '{"sead": 3, "plugins": [1]}');
  writeFileSync(at('broken.ts'), 'export default {{');
  writeFileSync(at('plugin.mjs'), 'export default { name: "mine", contributions: [] };');
  const drawn = await drawDataset(at('drawn'), { perClass: 5, classes: ['discs', 'stripes'] });
  if (nanoIsBuilt) await fineTune({ data: drawn, out: at('bundle'), strategy: 'linear-probe' });
  if (process.platform !== 'win32') execFileSync('mkfifo', [at('pipe')]);
  return { base, paths: ['empty', 'flat', 'text', 'table.csv', 'settings.json', 'wrong.json', 'broken.ts', 'plugin.mjs', 'pipe', 'bundle', 'drawn/discs/000.png', 'drawn/gone.png'].map(at) };
}

function value(random: Random, { paths }: Places): string {
  const kind = random.uniform();
  if (kind < 0.5) return random.pick(oddities);
  return kind < 0.8 ? random.pick(sensible) : random.pick(paths);
}

/** Names of options, one in ten with a slip. */
function flag(random: Random, option: Option): string {
  const name = option.long ?? option.short ?? '--x';
  if (!random.chance(0.1)) return random.chance(0.2) && option.short ? option.short : name;
  const at = 2 + random.below(Math.max(1, name.length - 2));
  return random.chance(0.5) ? name.slice(0, at) + name.slice(at + 1) : `${name.slice(0, at)}x${name.slice(at)}`;
}

function commandLine(random: Random, there: Places): string[] {
  if (random.chance(0.03)) return Array.from({ length: random.below(4) }, () => (random.chance(0.5) ? random.pick(groups) : value(random, there)));
  const { words, command } = random.pick(commands);
  const line = [...words];
  // In front, where it is nobody's value.
  if (random.chance(0.5)) line.push('--json');
  // As it comes it computes for a minute.
  if (words.join(' ') === 'compare initializers') line.push('--layers', '2', '--units', '4', '--samples', '4');
  for (const argument of command.registeredArguments) {
    if (random.chance(0.1)) continue;
    const count = argument.variadic ? 1 + random.below(3) : 1;
    for (let place = 0; place < count; place += 1) line.push(random.chance(0.6) ? random.pick(there.paths) : value(random, there));
  }
  for (let more = random.below(4); more > 0; more -= 1) {
    const option = random.pick(command.options);
    line.push(flag(random, option));
    if (option.required || option.optional) {
      const own = value(random, there);
      if (random.chance(0.15)) line.push(`${line.pop()!}=${own}`);
      else if (!random.chance(0.05)) line.push(own);
    }
  }
  if (random.chance(0.05)) line.push(value(random, there));
  return line;
}

/** Help and the version go to stdout as they are. */
const isHelp = (words: readonly string[]): boolean => words.some((word) => /^(?:-[a-zA-Z]*[hV]|--help|--version|help)$/.test(word)) || words.filter((word) => !word.startsWith('-')).length < 2;

function judged(words: readonly string[], { code, stdout, stderr }: { code: number | null; stdout: string; stderr: string }): string | undefined {
  const told = `${JSON.stringify(words).slice(0, 600)}: exit ${code}`;
  if (code !== 0 && code !== 1 && code !== 2) return told;
  if (/UNEXPECTED|Something went wrong/.test(stderr + stdout)) return `${told}, ${stderr.slice(0, 600)}`;
  // --debug prints stacks: they are asked for.
  if (!words.includes('--debug') && /\n\s+at .+:\d+:\d+/.test(stderr)) return `${told}, a stack: ${stderr.slice(0, 600)}`;
  if (code !== 0 && !isHelp(words) && !/\[[A-Z_]+\]/.test(stderr) && !words.includes('predict') && words[0] !== 'native') return `${told}, without an error: ${stderr.slice(0, 300)}`;
  if (words.includes('--json') && !isHelp(words)) {
    const lines = stdout.split('\n');
    if (lines.length !== 2 || lines[1] !== '') return `${told}, ${lines.length - 1} lines of JSON`;
    try {
      JSON.parse(lines[0]!);
    } catch {
      return `${told}, no JSON: ${stdout.slice(0, 300)}`;
    }
  }
  return undefined;
}

export const target: FuzzTarget = {
  name: 'command-lines',
  async attempt(seed, folder) {
    const there = await (places ??= prepare());
    const words = commandLine(randomFrom(seed), there);
    return judged(words, await cultivarHere(words, folder));
  },
  async end() {
    const there = await places;
    if (there) rmSync(there.base, { recursive: true, force: true });
    places = undefined;
  },
};
