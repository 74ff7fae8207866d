/**
 * One run, one table: our engines beside PyTorch, Keras and tfjs-node as it comes, on the same networks, threads, batches, loss and
 * optimizer. Each row is a process of its own; those of a case are measured in turn, round by round, so that drift hits all alike.
 *   npm run bench [-- --quick] [-- --json FILE]      (npm run build first; `cultivar native install` for all engines)
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import { Child } from './child.mjs';
import { python } from './environment.mjs';
import { cases, engines, networks, timing, works } from './matrix.mjs';
import { Others } from './others.mjs';
import { header, lines } from './table.mjs';

const command = new Command('npm run bench --')
  .description('images a second and peak memory of our engines and their peers')
  .option('--quick', '224 px, batches of 16, short rounds: under five minutes on two cores')
  .option('--as-it-comes', 'peers without the settings that help them (see child.mjs)')
  .option('--json <file>', 'write the rows there')
  .addOption(new Option('--network <name...>', 'only these').choices(networks))
  .addOption(new Option('--work <name...>', 'only these').choices(works))
  .addOption(new Option('--engine <name...>', 'only these').choices(Object.keys(engines)))
  .addOption(new Option('--size <pixels...>', 'only these').choices(['96', '160', '224']))
  .addOption(new Option('--batch <images...>', 'only these').choices(['1', '16', '32']))
  .parse();
const options = command.opts();
const { seconds, rounds } = timing[options.quick ? 'quick' : 'full'];
const threads = availableParallelism();
const list = cases({
  networks: options.network, works: options.work, engines: options.engine, sizes: options.size?.map(Number), batches: options.batch?.map(Number),
}, options.quick);
const interpreter = list.some((one) => one.engines.some((engine) => engines[engine].python)) ? python() : undefined;

const notes = new Set();
const others = new Others();
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** @returns the child, ready, or undefined with a note where it cannot do that work */
async function start(engine, request) {
  const child = new Child(engine, request, { python: interpreter, asItComes: options.asItComes });
  try {
    const { cannot, engine: name } = await child.answer();
    if (!cannot) return { engine, name, child, measured: [] };
    notes.add(`${engine}, ${request.work}: ${cannot}`);
  } catch (error) {
    failed(engine, request, error);
  }
  await child.close();
  return undefined;
}

function failed(engine, { network, size, batch, work }, error) {
  notes.add(`${engine}, ${network}, ${size} px, batch ${batch}, ${work}: failed: ${error.message}`);
  process.exitCode = 1;
}

/** Starts these, measures them in turn, and stops them. */
async function measure(keys, request) {
  // They load side by side, and are warmed up and measured one at a time: round 0 is the warming up.
  const running = (await Promise.all(keys.map((engine) => start(engine, request)))).filter(Boolean);
  for (let round = 0; round <= rounds; round += 1) {
    for (const one of running) {
      if (one.broken) continue;
      try {
        const figures = await others.during(() => one.child.round(seconds));
        if (round > 0) one.measured.push(figures);
      } catch (error) {
        one.broken = true;
        failed(one.engine, request, error);
      }
    }
  }
  for (const { child } of running) await child.close();
  return running.filter(({ broken }) => !broken).map(({ name, engine, measured }) => ({
    key: engine,
    row: {
      engine: name, network: request.network, size: request.size, batch: request.batch, work: request.work,
      imagesPerSecond: Number(median(measured.map((one) => one.imagesPerSecond)).toPrecision(4)),
      peakMemoryBytes: Math.max(...measured.map((one) => one.peakMemoryBytes)),
    },
  }));
}

const rows = [];
console.log(header);
for (const { engines: wanted, ...request } of list) {
  const present = wanted.filter((engine) => interpreter || !engines[engine].python);
  const asked = { ...request, threads };
  const alone = await measure(present.filter((engine) => engines[engine].alone), asked);
  const together = await measure(present.filter((engine) => !engines[engine].alone), asked);
  const found = [...alone, ...together].sort((a, b) => present.indexOf(a.key) - present.indexOf(b.key)).map(({ row }) => row);
  if (found.length > 0) console.log(lines(found));
  rows.push(...found);
}
if (others.share > 0.1) notes.add(`Other programs took ${Math.round(100 * others.share)} % of the processor meanwhile: do not trust these figures.`);
for (const note of notes) console.log(`\n${note}`);
if (options.json) writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
