/** Preloaded with `node --import`: writes the process's peak memory into the file that BENCH_PEAK_MEMORY names. */
import { writeFileSync } from 'node:fs';
import { peakMemory } from './peak-memory.mjs';

process.on('exit', () => writeFileSync(process.env.BENCH_PEAK_MEMORY, String(peakMemory())));
