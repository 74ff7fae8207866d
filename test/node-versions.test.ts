/** What the oldest Node has not yet, and what some Node calls experimental or deprecated, is not for the user's terminal. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cultivar, json, nanoIsBuilt, repository } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';

(nanoIsBuilt ? describe : describe.skip)(`any Node${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, () => {
  let work: string;
  let data: string;
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'cultivar-node-'));
    data = await drawDataset(join(work, 'shapes'), { perClass: 8 });
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('needs no JSON as a module, which Node 20.9 cannot read, and of which 20.10 and 22.0 print a warning', async () => {
    const refuse = { NODE_OPTIONS: `--import=${pathToFileURL(join(repository, 'test', 'support', 'refuse-json-modules.mjs')).href}` };
    const doctor = await cultivar(['doctor', '--json', '--quiet'], work, refuse);
    expect(doctor.stderr).toBe('');
    expect(json(doctor)).toMatchObject({ proof: { ok: true } });
    expect(await cultivar(['preview', data, '--augment', 'flip', '--out', 'looked', '--quiet'], work, refuse)).toMatchObject({ code: 0, stderr: '' });
  });

  it('prints no warning of its own in training and prediction', async () => {
    const trained = await cultivar(['train', data, '--strategy', 'fine-tune-top', '--epochs', '1', '-o', 'out'], work);
    expect(trained).toMatchObject({ code: 0 });
    expect(trained.stderr).not.toMatch(/\bWarning\b|DEP\d{4}/);
    const predicted = await cultivar(['predict', 'out', data], work);
    expect(predicted).toMatchObject({ code: 0 });
    expect(predicted.stderr).not.toMatch(/\bWarning\b|DEP\d{4}/);
  });
});
