/**
 * Loaded before a program (`node --require`), ends it by SIGKILL while it writes a file. CULTIVAR_TEST_KILL says when, as
 * NAME:COUNT:MOMENT: at the COUNT-th time that the file NAME is written, with `half` of it written beside its place, `before` it is
 * renamed to its place, or `after`.
 */
const { promises } = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const { basename } = require('node:path');

const [name, count, moment] = process.env.CULTIVAR_TEST_KILL.split(':');
const { open, rename } = promises;
let times = 0;
const die = () => process.kill(process.pid, 'SIGKILL');

promises.open = async (path, ...rest) => {
  const handle = await open(path, ...rest);
  if (moment !== 'half' || !basename(String(path)).startsWith(`${name}.`) || (times += 1) !== Number(count)) return handle;
  const write = handle.writeFile.bind(handle);
  handle.writeFile = async (chunk) => {
    await write(Buffer.from(chunk).subarray(0, Math.ceil(chunk.length / 2)));
    die();
  };
  return handle;
};
promises.rename = async (from, to) => {
  const now = moment !== 'half' && basename(String(to)) === name && (times += 1) === Number(count);
  if (now && moment === 'before') die();
  await rename(from, to);
  if (now) die();
};
syncBuiltinESMExports();
