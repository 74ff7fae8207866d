#!/usr/bin/env node
'use strict';
/*
 * npm links commands when it installs, and only those whose file is there: in a fresh clone nothing is built at that moment. So this file is
 * not built. Files are looked up without libuv's threads, whose number the built file sets.
 */
const { existsSync } = require('node:fs');
const { join } = require('node:path');

if (existsSync(join(__dirname, '..', 'dist', 'bin.cjs'))) require('../dist/bin.cjs');
else {
  process.stderr.write(`cultivar is not built yet: run \`npm start\` (or \`npm run build\`) in ${join(__dirname, '..', '..', '..')} first\n`);
  process.exitCode = 1;
}
