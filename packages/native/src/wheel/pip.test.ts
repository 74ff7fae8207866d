import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { wheelName } from '../testing/fake-wheel.js';
import { fetchWithPip, findPip } from './pip.js';

let folder: string;
let environment: NodeJS.ProcessEnv;
const request = (version: string) => ({ name: 'tensorflow-cpu', versions: `==${version}`, tag: /x86_64\.whl$/, folder: join(folder, 'downloads'), environment });

/** A `python3` whose pip knows version 2.21.0 alone; for any other it says what pip says. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cultivar-pip-'));
  const python = join(folder, 'python3');
  await writeFile(python, `#!/bin/sh
case "$*" in
  *--version) echo "pip 24.0 from somewhere" ;;
  *broken*|*=0.0.0*) echo "ERROR: Could not connect to the index" >&2; exit 1 ;;
  *=0.0.1*)
    echo "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPConnection object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused')': /simple/tensorflow-cpu/" >&2
    echo "ERROR: Could not find a version that satisfies the requirement tensorflow-cpu==0.0.1 (from versions: none)" >&2; exit 1 ;;
  *=2.21.0*)
    while [ "$1" != --dest ]; do shift; done
    echo "Progress 5000000 of 10000000"
    echo wheel > "$2/${wheelName}" ;;
  *) echo "ERROR: Could not find a version that satisfies the requirement (from versions: 2.20.0, 2.21.0)" >&2; exit 1 ;;
esac
`);
  await chmod(python, 0o755);
  environment = { PATH: [folder, '/bin', '/usr/bin'].join(delimiter) };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('pip', () => {
  it('is found on the PATH, or not', async () => {
    expect(await findPip(environment)).toEqual({ python: join(folder, 'python3'), version: 24 });
    expect(await findPip({ PATH: '/nowhere' })).toBeUndefined();
  });

  it('fetches the wheel, which is in its place only once it is whole', async () => {
    const pip = (await findPip(environment))!;
    const steps: number[] = [];
    const progress = { start: () => ({ advance: (by = 1) => { steps.push(by); }, finish: () => {} }) };
    const path = await fetchWithPip(pip, { ...request('2.21.0'), progress });
    expect(await readFile(path, 'utf8')).toBe('wheel\n');
    expect(await readdir(join(folder, 'downloads'))).toEqual([wheelName]);
    expect(steps).toEqual([5]);
  });

  it('says which versions there are, and what went wrong', async () => {
    const pip = (await findPip(environment))!;
    await expect(fetchWithPip(pip, request('1.0.0'))).rejects.toMatchObject({ code: 'NATIVE_VERSION', mend: 'There are: 2.20.0, 2.21.0.' });
    await expect(fetchWithPip(pip, request('0.0.0'))).rejects.toMatchObject({ code: 'NATIVE_DOWNLOAD', message: expect.stringContaining('Could not connect') });
    await expect(fetchWithPip(pip, request('0.0.1'))).rejects.toMatchObject({ code: 'NATIVE_DOWNLOAD', message: expect.stringContaining('(Failed to establish a new connection: [Errno 111] Connection refused)') });
  });
});
