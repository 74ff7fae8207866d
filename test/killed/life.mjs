/** One life of a command: run, killed at some moment, gone on with, compared. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const preload = fileURLToPath(new URL('killed-at-event.cjs', import.meta.url));

/**
 * Runs to its end, or to the moment.
 * @param moment `{ seconds }`, or `{ deed, how }`
 */
async function run(command, folder, moment, countFile) {
  const { words, environment } = command;
  const child = spawn(process.execPath, ['--require', preload, ...words], {
    cwd: folder, stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment, KILLED_IN: folder, ...(moment?.deed && { KILLED_AT: String(moment.deed), KILLED_HOW: moment.how }), ...(countFile && { KILLED_COUNT: countFile }) },
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) child[stream].on('data', (chunk) => { said[stream] += chunk.toString(); });
  const timer = moment?.seconds === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), 1000 * moment.seconds);
  const began = performance.now();
  const [code, signal] = await new Promise((resolve) => { child.on('close', (...ended) => resolve(ended)); });
  clearTimeout(timer);
  return { code, signal, ...said, seconds: (performance.now() - began) / 1000 };
}

/** Without what differs from run to run: times, and checksums of what holds times. */
export const lasting = (value) => JSON.parse(JSON.stringify(value, (key, own) => (/seconds$/i.test(key) || key === 'sha256' ? undefined : own)));

/** Names of everything in a folder. */
export const namesIn = (folder) => readdirSync(folder, { recursive: true }).map(String).sort();

/**
 * @param kind `{ begin, goOn, essence, prepare? }`: the commands, as words and environment, and what is to be the same in the end
 * @param whole the life that nobody ended: absent, this is it
 */
export async function life(kind, folder, whole, random) {
  mkdirSync(folder, { recursive: true });
  const around = await kind.prepare?.(folder);
  try {
    return await (whole ? shortened(kind, folder, around, whole, random) : undisturbed(kind, folder, around));
  } finally {
    await around?.end?.();
  }
}

async function undisturbed(kind, folder, around) {
  const countFile = join(folder, '..', `${folder.split('/').at(-1)}.count`);
  const ended = await run(kind.begin(around), folder, undefined, countFile);
  if (!kind.isDone(ended)) throw new Error(`undisturbed, it ended with ${ended.code}:\n${ended.stdout}\n${ended.stderr}`);
  return { seconds: ended.seconds, deeds: Number(readFileSync(countFile, 'utf8')), essence: kind.essence(folder, ended) };
}

async function shortened(kind, folder, around, whole, random) {
  const moments = [];
  const draw = () => (random() < 0.5 ? { seconds: random() * whole.seconds } : { deed: 1 + Math.floor(random() * whole.deeds), how: ['before', 'half', 'after'][Math.floor(random() * 3)] });
  const kill = async (command) => {
    const moment = draw();
    const ended = await run(command, folder, moment);
    const killed = ended.signal === 'SIGKILL';
    moments.push({ killed, told: moment.deed ? `${moment.how} deed ${moment.deed} of ${whole.deeds}` : `after ${moment.seconds.toFixed(2)} of ${whole.seconds.toFixed(2)} s` });
    return killed ? undefined : ended;
  };
  let ended = await kill(kind.begin(around));
  if (random() < 1 / 3) ended = await kill(kind.goOn(around)) ?? ended;
  ended = await run(kind.goOn(around), folder);
  // Nothing had been begun when it was killed.
  if (kind.isNothing?.(ended)) ended = await run(kind.begin(around), folder);
  if (!kind.isDone(ended)) return { moments, problem: `it ended with ${ended.code}: ${ended.stderr.trim().split('\n').slice(-3).join(' ')}` };
  const essence = kind.essence(folder, ended);
  for (const part of Object.keys(whole.essence)) {
    if (!isDeepStrictEqual(essence[part], whole.essence[part])) return { moments, problem: `${part}: ${JSON.stringify(essence[part]).slice(0, 400)} where it was ${JSON.stringify(whole.essence[part]).slice(0, 400)}` };
  }
  return { moments };
}
