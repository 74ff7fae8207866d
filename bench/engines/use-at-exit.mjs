/** Preloaded with `node --import`: writes what the process has used into the file that BENCH_USE names: peak memory in bytes, and seconds of all cores. */
import { writeFileSync } from 'node:fs';
import { peakMemory } from './peak-memory.mjs';

process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeFileSync(process.env.BENCH_USE, JSON.stringify({ peakMemoryBytes: peakMemory(), cpuSeconds: (user + system) / 1e6 }));
});
