/** A few lives of each kind; `node test/killed/killed.mjs --times 100 --seed 1` is the long one. */
import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nanoIsBuilt } from '../support/command.js';

const program = fileURLToPath(new URL('killed.mjs', import.meta.url));

(nanoIsBuilt ? describe : describe.skip)(`what is killed at a random moment${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, () => {
  it('goes on to the same numbers, and leaves nothing broken', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--times', '3', '--seed', '7', '--only', 'train,install,replace'], { encoding: 'utf8' });
    expect(stdout + stderr).toContain('3 lives');
    expect({ status, stdout }).toMatchObject({ status: 0 });
  }, 240_000);
});
