#!/usr/bin/env node
import { run } from './terminal/program.js';

// Deprecations inside dependencies are no news to a user; --debug shows them.
if (!process.argv.includes('--debug')) process.noDeprecation = true;
process.exitCode = await run(process.argv.slice(2));
