import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { run } from './program.js';

let stdout: string;
let stderr: string;
beforeEach(() => {
  [stdout, stderr] = ['', ''];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => { stdout += String(text); return true; });
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => { stderr += String(text); return true; });
});
afterEach(() => {
  jest.restoreAllMocks();
});

const missing = '\x1b[2Jno\nError: forged\u202e\u009b5m\u2028<b>';
const whatIsObeyed = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

describe('help', () => {
  it.each([[], ['train'], ['native', 'install'], ['study', 'sharpness']])('shows commands as they can be typed after `npm install cultivar`: %j %j', async (...words) => {
    expect(await run([...words, '--help'])).toBe(0);
    expect(stdout).toContain('Usage: npx cultivar ');
    expect(stdout).not.toMatch(/(?<!npx )\bcultivar [a-z]/);
  });
});

describe('errors of the command line', () => {
  it.each([
    ['predict', missing, 'x.png'], ['predict', 'bundle', missing], ['evaluate', missing, missing], ['data', 'check', missing], ['train', missing], ['train', '.', '--strategy', missing],
    ['train', '.', '--plugin', `./${missing}`], ['plugins', 'info', missing], ['plugins', 'list', missing], [missing], ['preview', missing], ['train', '.', `--${missing}`], ['train', '.', '--seed', missing],
    ['plugins', 'list', '--config', missing],
  ])('obey nothing, and are one sentence, what to do and a code: %j %j', async (...words) => {
    for (const more of [[], ['--json'], ['--debug']]) {
      [stdout, stderr] = ['', ''];
      expect(await run([...words, ...more])).toBe(2);
      for (const text of [stdout, stderr]) expect(whatIsObeyed.exec(text)?.[0]).toBeUndefined();
      expect(stderr.split('\n').filter((line) => line.startsWith('Error: '))).toHaveLength(1);
      if (more[0] === '--json') expect(JSON.parse(stdout)).toMatchObject({ error: { code: expect.any(String) } });
    }
  });
});
