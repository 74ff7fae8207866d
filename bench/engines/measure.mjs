/**
 * One engine doing one work, in a process of its own; run.mjs starts it. The request comes as JSON on the command line; answers go
 * out as JSON lines: `ready` (or `cannot`, with the reason), then for each line `{ seconds }` on stdin what was measured.
 */
import { createInterface } from 'node:readline';
import { peakMemory } from './peak-memory.mjs';

const request = JSON.parse(process.argv[2]);
const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** Work that an engine cannot do is no failure of the benchmark. */
const refusals = new Set(['ENGINE_UNSUPPORTED', 'ENGINE_NONE', 'BENCH_CANNOT']);

async function prepare() {
  const { prepare: make } = await import(request.engine === 'tfjs-node' ? './tfjs-node.mjs' : './ours.mjs');
  const { images, step, engine } = await make(request);
  answer({ ready: true, engine });
  return { images, step };
}

async function serve({ images, step }) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { seconds } = JSON.parse(line);
    const begin = performance.now();
    const cpu = process.cpuUsage();
    let [done, elapsed] = [0, 0];
    while (elapsed < seconds) {
      await step();
      done += images;
      elapsed = (performance.now() - begin) / 1000;
    }
    const { user, system } = process.cpuUsage(cpu);
    answer({ imagesPerSecond: done / elapsed, peakMemoryBytes: peakMemory(), cpuSeconds: (user + system) / 1e6 });
  }
}

try {
  await serve(await prepare());
} catch (error) {
  if (!refusals.has(error.code)) throw error;
  answer({ cannot: error.message });
}
// Native thread pools would keep the process alive.
process.exit(0);
