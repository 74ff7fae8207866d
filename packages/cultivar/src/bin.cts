#!/usr/bin/env node
/*
 * Images are decoded on libuv's threads, four by default. Their number is read once, before the first file is: so this
 * file is CommonJS, which Node reads without them, and everything else is loaded from here.
 */
import os = require('node:os');

process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, os.availableParallelism()));
// Deprecations inside dependencies are no news to a user; --debug shows them.
if (!process.argv.includes('--debug')) process.noDeprecation = true;

void import('./terminal/program.js').then(async ({ run }) => {
  process.exitCode = await run(process.argv.slice(2));
}).catch((error: NodeJS.ErrnoException) => {
  // Not even what tells errors could be loaded: too few files may be open, say. So its words stand here once more.
  const few = /EMFILE|ENFILE|too many open files/i.test(`${error?.code} ${error?.message}`);
  const told = few
    ? { code: 'OPEN_FILES', message: 'Too many files are open at once: the program itself cannot be loaded.', mend: 'Allow more with `ulimit -n 4096`, or end other programs.' }
    : { code: 'UNEXPECTED', message: `Something went wrong that should not: ${String(error?.message ?? error).split('\n')[0]}`, mend: 'Run the command again with --debug and report what it prints.' };
  process.exitCode = 1;
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: told })}\n`);
  process.stderr.write(`Error: ${told.message}\n  ${told.mend} [${told.code}]\n`);
  if (process.argv.includes('--debug')) process.stderr.write(`${error?.stack}\n`);
});
