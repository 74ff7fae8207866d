/**
 * Makes a fresh clone ready to run: installs what the lock file names (once; again only when it changed) and builds.
 *   node scripts/ready.mjs [--omit=dev]
 * With --omit=dev only what running needs is installed, unless everything is there already.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
// Tools of development that are there already are never taken away.
const runtimeOnly = process.argv.includes('--omit=dev') && !existsSync('node_modules/jest');
const mark = 'node_modules/.cultivar-installed';
const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
const installed = existsSync(mark) ? readFileSync(mark, 'utf8').trim() : '';

function run(command) {
  const { status, error } = spawnSync(command, { stdio: 'inherit', shell: true });
  if (error || status !== 0) process.exit(status ?? 1);
}

const enough = [`${lock} all`, ...(runtimeOnly ? [`${lock} runtime`] : [])];
if (!enough.includes(installed)) {
  console.error(`Installing ${runtimeOnly ? 'what running needs' : 'everything'} from the npm registry ...`);
  run(`npm ci --no-audit --no-fund --loglevel=error${runtimeOnly ? ' --omit=dev' : ''}`);
  writeFileSync(mark, `${lock} ${runtimeOnly ? 'runtime' : 'all'}\n`);
}
run('npm run --silent build');
