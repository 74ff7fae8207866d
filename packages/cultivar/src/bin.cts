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
});
