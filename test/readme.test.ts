/** What the README shows works as it stands there: its plugin is used in a run, its programs are run. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cultivar, json, nanoIsBuilt, repository } from './support/command.js';
import { drawDataset, drawnImage } from './support/drawn-images.js';

/** The code block that follows the first line that names the file. */
function shown(file: string, document = 'README.md'): string {
  const text = readFileSync(join(repository, document), 'utf8');
  const block = new RegExp(`\`${file.replaceAll('.', '\\.')}\`[^\`]*\`\`\`(?:ts|js)\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  if (block === undefined) throw new Error(`${document} shows no ${file}`);
  return block;
}

(nanoIsBuilt ? describe : describe.skip)(`the README${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, () => {
  let work: string;
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'cultivar-readme-'));
    symlinkSync(join(repository, 'node_modules'), join(work, 'node_modules'));
    await drawDataset(join(work, 'photos'), { perClass: 8 });
    writeFileSync(join(work, 'cat.jpg'), await drawnImage('discs', 77));
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('its plugin takes part in a run', async () => {
    writeFileSync(join(work, 'grey.ts'), shown('grey.ts'));
    const run = await cultivar(['train', 'photos', '--plugin', './grey.ts', '--augment', 'grey:probability=0.3', '--strategy', 'fine-tune-top', '--epochs', '1', '--json', '--quiet'], work);
    expect(run.stderr).toBe('');
    expect(json<{ versions: Record<string, string> }>(run).versions).toHaveProperty(['cultivar-plugin-grey']);
    const info = await cultivar(['plugins', 'info', 'grey', '--plugin', './grey.ts'], work);
    expect(info.stdout).toMatch(/probability +number +default 0\.2 +>= 0, <= 1/);
  }, 120_000);

  it('its program runs', () => {
    writeFileSync(join(work, 'program.mjs'), shown('program.ts'));
    const stdout = execFileSync(process.execPath, ['program.mjs'], { cwd: work, encoding: 'utf8' });
    expect(stdout).toMatch(/^[\d.]+\n(checks|discs|stripes) [\d.]+\n$/);
  }, 120_000);

  it('its configuration is read', async () => {
    writeFileSync(join(work, 'my-plugin.ts'), shown('grey.ts').replaceAll('grey', 'pale'));
    writeFileSync(join(work, 'cultivar.config.ts'), shown('cultivar.config.ts'));
    const list = await cultivar(['plugins', 'list', 'augmentation', '--json'], work);
    expect(json<{ name: string }[]>(list).map(({ name }) => name)).toContain('pale');
  });
});
