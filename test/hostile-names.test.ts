/** Names that a terminal would obey, of classes, files and in tables, through every command that prints them: nothing is obeyed, no line is forged. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { bin, cultivar, json, nanoIsBuilt, type Outcome } from './support/command.js';

const classes = [
  '\x1b]0;owned\x07\x1b[2J\x1b[31mred', 'two\nError: forged [CODE]', '\u202egnp.exe', '<script>alert(1)</script>'.replace('/', ''), ']]>&"\'', '\u009b5mC1\u2028line', '👩‍🔬楓e\u0301', 'x'.repeat(255),
];
const whatIsObeyed = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

let work: string;
let data: string;
const possible = nanoIsBuilt && process.platform !== 'win32';
beforeAll(async () => {
  if (!possible) return;
  work = await mkdtemp(join(tmpdir(), 'hostile-names-'));
  data = join(work, 'data\x1b[5m\nset');
  for (const [index, name] of classes.entries()) {
    await mkdir(join(data, name), { recursive: true });
    for (let image = 0; image < 4; image += 1) {
      await sharp({ create: { width: 40, height: 40, channels: 3, background: { r: 30 * index, g: 20 * image, b: 255 - 30 * index } } }).png().toFile(join(data, name, `\x1b[1m${image}\n.png`));
    }
  }
  await writeFile(join(data, classes[0]!, '\x1b[7mbroken\n.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0]));
});
afterAll(async () => {
  if (possible) await rm(work, { recursive: true, force: true });
});

/** Lines of an outcome begin as ours do. */
function checked(outcome: Outcome, code = 0): Outcome {
  expect({ code: outcome.code, error: outcome.code === code ? '' : outcome.stderr }).toEqual({ code, error: '' });
  for (const text of [outcome.stdout, outcome.stderr]) {
    expect(whatIsObeyed.exec(text)?.[0]).toBeUndefined();
    if (code === 0) expect(text).not.toMatch(/^(Error: forged|set\b)/m);
  }
  return outcome;
}

(possible ? describe : describe.skip)(`names that are obeyed (${possible ? 'through the command line' : `skipped: ${bin} needs its embedded backbone and a system that allows such names`})`, () => {
  it('are shown by every command', async () => {
    expect(checked(await cultivar(['data', 'check', data], work)).stdout).toContain('two\\nError: forged [CODE]');
    const trained = checked(await cultivar(['train', data, '--strategy', 'linear-probe', '--augment', 'none', '--out', 'bundle'], work));
    expect(trained.stderr).toContain('\\x1b]0;owned\\x07');
    const image = join(data, classes[1]!, '\x1b[1m0\n.png');
    expect(checked(await cultivar(['predict', 'bundle', image, data], work)).stdout.trimEnd().split('\n')).toHaveLength(1 + 4 * classes.length);
    const { metrics } = json<{ metrics: { perClass: { label: string }[] } }>(checked(await cultivar(['evaluate', 'bundle', data, '--json'], work)));
    expect(metrics.perClass.map(({ label }) => label).toSorted()).toEqual(classes.toSorted());
    checked(await cultivar(['preview', data, '--images', '2', '--views', '1', '--size', '32'], work));
    // Nothing was written under a name of a class.
    expect((await readdir(work)).toSorted()).toEqual(['bundle', data.slice(work.length + 1), 'cultivar-out'].toSorted());
  }, 240_000);

  it('of ten thousand letters do not fill the screen, and are whole in --json', async () => {
    const labels = ['a', 'b'].map((letter) => letter.repeat(10_000));
    const table = (name: string, of: readonly string[]) => writeFile(join(data, name), ['path,label', ...of.flatMap((label, index) => [0, 1, 2, 3].map((image) => `"${classes[index + 5]}/\x1b[1m${image}\n.png",${label}`))].join('\n'));
    await Promise.all([table('long.csv', labels), table('one.csv', [labels[0]!])]);
    const bounded = (outcome: Outcome, code = 0) => {
      checked(outcome, code);
      expect(Math.max(...`${outcome.stdout}\n${outcome.stderr}`.split('\n').map((line) => line.length))).toBeLessThan(2100);
    };
    const image = join(data, classes[5]!, '\x1b[1m0\n.png');
    bounded(await cultivar(['train', join(data, 'long.csv'), '--strategy', 'linear-probe', '--augment', 'none', '--out', 'long'], work));
    bounded(await cultivar(['predict', 'long', image], work));
    bounded(await cultivar(['evaluate', 'long', join(data, 'long.csv')], work));
    bounded(await cultivar(['data', 'check', join(data, 'long.csv')], work));
    bounded(await cultivar(['data', 'check', join(data, 'one.csv')], work), 2);
    const { predictions } = json<{ predictions: { classes: { label: string }[] }[] }>(await cultivar(['predict', 'long', image, '--json'], work));
    expect(predictions[0]!.classes.map(({ label }) => label).toSorted()).toEqual(labels);
  }, 240_000);

  (process.platform === 'linux' ? it : it.skip)('that are not UTF-8 are said, and stop nothing else', async () => {
    const root = join(work, 'latin');
    const png = await sharp({ create: { width: 40, height: 40, channels: 3, background: 'teal' } }).png().toBuffer();
    for (const folder of ['caf\xe9', 'ok']) {
      await mkdir(Buffer.from(`${root}/${folder}`, 'latin1'), { recursive: true });
      for (const name of ['1', '\xe9t\xe9']) await writeFile(Buffer.from(`${root}/${folder}/${name}.png`, 'latin1'), png);
    }
    const { stdout, stderr } = checked(await cultivar(['predict', 'bundle', root], work));
    expect(stdout.trimEnd().split('\n')).toEqual([expect.stringContaining(join(root, 'ok', '1.png'))]);
    for (const name of ['caf\\xe9 cannot be read: the name of this folder is not UTF-8', '\\xe9t\\xe9.png cannot be read: its name is not UTF-8']) expect(stderr).toContain(name);
    // As the system hands it on.
    for (const words of [['predict', 'bundle', join(root, 'caf\ufffd')], ['data', 'check', join(root, 'caf\ufffd')], ['train', join(root, 'caf\ufffd')]]) expect(checked(await cultivar(words, work), 2).stderr).toContain('not to be UTF-8');
  }, 240_000);
});
