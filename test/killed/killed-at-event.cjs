/**
 * Loaded before a program (`node --require`): counts what it does to files in the folder KILLED_IN, and ends it by SIGKILL at the KILLED_AT-th of these
 * deeds: `before` it, with `half` of it written, or `after` it, as KILLED_HOW says. Without KILLED_AT the count is written to KILLED_COUNT in the end.
 */
const { promises, writeFileSync } = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const { KILLED_IN: folder, KILLED_AT: at, KILLED_HOW: how, KILLED_COUNT: count } = process.env;
let deeds = 0;
const die = () => process.kill(process.pid, 'SIGKILL');

/** Does a deed, unless it is the last. @param half does a part of it */
async function deed(path, work, half = work) {
  if (!String(path).startsWith(folder)) return work();
  deeds += 1;
  if (deeds !== Number(at)) return work();
  if (how === 'half') await half();
  if (how === 'after') await work();
  die();
  return undefined;
}

const { open } = promises;
for (const name of ['mkdir', 'mkdtemp', 'rename', 'rm', 'rmdir', 'writeFile', 'appendFile']) {
  const original = promises[name];
  promises[name] = (path, ...rest) => deed(path, () => original(path, ...rest), () => (name === 'writeFile' ? original(path, String(rest[0]).slice(0, String(rest[0]).length / 2)) : undefined));
}
promises.open = async (path, ...rest) => {
  const handle = await deed(path, () => open(path, ...rest));
  const { writeFile, sync } = handle;
  handle.writeFile = (chunk) => deed(path, () => writeFile.call(handle, chunk), () => writeFile.call(handle, Buffer.from(chunk).subarray(0, Math.ceil(chunk.length / 2))));
  handle.sync = () => deed(path, () => sync.call(handle));
  return handle;
};
syncBuiltinESMExports();
if (!at && count) process.on('exit', () => writeFileSync(count, String(deeds)));
