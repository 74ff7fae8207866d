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

  it('its plugin takes part in the run that stands beneath it', async () => {
    writeFileSync(join(work, 'grey.ts'), shown('grey.ts'));
    const [, words] = /^    npx cultivar (train .*--plugin \.\/grey\.ts.*)$/m.exec(readFileSync(join(repository, 'README.md'), 'utf8'))!;
    const run = await cultivar([...words!.split(' '), '--json', '--quiet'], work);
    expect(run.stderr).toBe('');
    expect(json<{ versions: Record<string, string>; warnings: unknown[] }>(run)).toMatchObject({ versions: { 'cultivar-plugin-grey': expect.any(String) }, warnings: [] });
    // It was called: the same run with a plugin that throws does not come to an end.
    writeFileSync(join(work, 'grey.ts'), shown('grey.ts').replace('const chosen', "throw new Error('the plugin was called');\n    const chosen"));
    const broken = await cultivar([...words!.split(' '), '--quiet'], work);
    expect(broken.code).not.toBe(0);
    expect(broken.stderr).toContain('the plugin was called');
    writeFileSync(join(work, 'grey.ts'), shown('grey.ts'));
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
    const names = async (...how: string[]) => json<{ name: string }[]>(await cultivar(['plugins', 'list', 'augmentation', '--json', ...how], work)).map(({ name }) => name);
    expect(await names('--config', 'cultivar.config.ts')).toContain('pale');
    expect(await names()).not.toContain('pale');
  });
});
