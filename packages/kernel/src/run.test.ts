import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import {
  callback, contributionOf, Contributions, definePlugin, inject, Logger, ModelReader, options, OutputFolder, Progress, Random, RunSignal, schedule, z,
} from '@cultivar/sdk';
import { createKernel } from './kernel.js';
import { createRandom } from './random.js';
import { silentLogger, silentProgress } from './silence.js';

const greeting = Symbol.for('test:Greeting');
const disposed: string[] = [];

@schedule({ name: 'asks', summary: 'x', options: z.object({ rate: z.number().min(0).default(0.5) }) })
class Asks {
  @options() readonly options!: { rate: number };
  @inject(Random) readonly random!: Random;
  @inject(Logger) readonly logger!: Logger;
  @inject(Progress) readonly progress!: Progress;
  @inject(RunSignal) readonly signal!: RunSignal;
  @inject(OutputFolder) readonly folder!: OutputFolder;
  @inject(greeting) readonly greeting!: string;
  at() {
    return 1;
  }
}

@schedule({ name: 'lazy', summary: 'x' })
class Lazy {
  at() {
    return 1;
  }
  dispose() {
    disposed.push('lazy');
  }
}

@callback({ name: 'faulty', summary: 'x', options: z.object({ word: z.string() }) })
class Faulty {
  @options() readonly options!: { word: string };
  runEnd() {}
  async dispose() {
    await Promise.resolve();
    disposed.push(this.options.word);
    throw new Error(this.options.word);
  }
}

@callback({ name: 'reads', summary: 'x' })
class Reads {
  @inject(ModelReader) readonly reader!: ModelReader;
  runEnd() {}
}

@callback({ name: 'refuses', summary: 'x' })
class Refuses {
  constructor() {
    throw new Error('not on this machine.');
  }
  runEnd() {}
}

@schedule({ name: 'around', summary: 'x', options: z.object({ of: contributionOf('schedule').default('asks').describe('x'), others: z.array(contributionOf('callback')).default([]) }) })
class Around {
  @options() readonly options!: { of: string };
  @inject(Contributions) readonly contributions!: Contributions;
  at() {
    return 1;
  }
  inner<Part extends object>() {
    return this.contributions.create<Part>('schedule', this.options.of);
  }
}

const kernel = await createKernel({ plugins: [definePlugin({ name: 'test', contributions: [Asks, Lazy, Faulty, Reads, Refuses, Around] })] });
const open = (seed = 1) => kernel.openRun({ seed, outputFolder: '/out', services: [[greeting, 'hello']] });

describe('a run', () => {
  it('injects checked options, the run\'s services and a child stream', async () => {
    const { signal } = new AbortController();
    const logger = { ...silentLogger };
    const progress = { ...silentProgress };
    const run = kernel.openRun({ seed: 5, outputFolder: '/out', logger, progress, signal, services: [[greeting, 'hello']] });
    const asks = run.create<Asks>('schedule', 'asks:rate=0.25');
    expect(asks).toBeInstanceOf(Asks);
    expect(asks.options).toEqual({ rate: 0.25 });
    expect(asks.logger).toBe(logger);
    expect(asks.progress).toBe(progress);
    expect(asks.signal).toBe(signal);
    expect(asks.folder).toBe('/out');
    expect(asks.greeting).toBe('hello');
    expect(asks.random.uniform()).toBe(createRandom(5).child('schedule/asks').uniform());
    expect(run.random.uniform()).toBe(createRandom(5).uniform());
    await run.dispose();
  });

  it('makes a new instance each time, with options of its own', async () => {
    const run = open();
    const [one, two] = [run.create<Asks>('schedule', { name: 'asks', rate: 1 }), run.create<Asks>('schedule', { name: 'asks', rate: 2 })];
    expect([one.options.rate, two.options.rate]).toEqual([1, 2]);
    expect(one).not.toBe(two);
    expect(one.random.uniform()).toBe(two.random.uniform());
    expect(run.create<Asks>('schedule', 'asks', 'schedule/asks/2').random.uniform()).toBe(createRandom(1).child('schedule/asks/2').uniform());
    await run.dispose();
  });

  it('is apart from another run at the same time', async () => {
    const [one, two] = [open(1), open(2)];
    expect(one.create<Asks>('schedule', 'asks').random.uniform()).toBe(createRandom(1).child('schedule/asks').uniform());
    expect(two.create<Asks>('schedule', 'asks').random.uniform()).toBe(createRandom(2).child('schedule/asks').uniform());
    await one.dispose();
    expect(two.create<Asks>('schedule', 'asks').greeting).toBe('hello');
    await two.dispose();
  });

  it('refuses wrong options, unknown names and what asks for a service that is not there', async () => {
    const run = open();
    expect(() => run.create('schedule', 'asks:rate=-1')).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    expect(() => run.create('schedule', 'ask')).toThrow(expect.objectContaining({ code: 'CONTRIBUTION_UNKNOWN' }));
    expect(() => run.create('schedule', 'lazy:speed=1')).toThrow('there is no such option; schedule lazy has none');
    expect(() => run.create('callback', 'reads')).toThrow(
      expect.objectContaining({ code: 'PLUGIN_CONTRIBUTION', message: 'Contribution reads of plugin test is wrong: it asks for the service cultivar:ModelReader, which this run does not offer.' }),
    );
    expect(() => run.create('callback', 'refuses')).toThrow(expect.objectContaining({ code: 'PLUGIN_CONTRIBUTION', message: expect.stringContaining('not on this machine') }));
    await run.dispose();
  });

  it('disposes what it made, last first, each even if another fails, and only once', async () => {
    disposed.length = 0;
    const run = open();
    run.create('schedule', 'lazy');
    run.create('callback', 'faulty:word=one');
    run.create('schedule', 'asks');
    await expect(run.dispose()).rejects.toThrow('one');
    expect(disposed).toEqual(['one', 'lazy']);
    await expect(run.dispose()).resolves.toBeUndefined();
    expect(disposed).toHaveLength(2);
    expect(() => run.create('schedule', 'asks')).toThrow('disposed');
    const twice = open();
    twice.create('callback', 'faulty:word=one');
    twice.create('callback', 'faulty:word=two');
    await expect(twice.dispose()).rejects.toThrow('2 contributions could not be disposed');
  });

  it('is silent when nobody listens', () => {
    const run = open();
    run.logger.info('x');
    const task = run.progress.start('x', 3, 'images');
    task.advance();
    task.finish();
    expect(run.signal.aborted).toBe(false);
  });

  it('is let go of by the kernel once it is disposed', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const held: WeakRef<object>[] = [];
    for (let round = 0; round < 20; round += 1) {
      const run = open(round);
      held.push(new WeakRef(run), new WeakRef(run.create<Asks>('schedule', 'asks')), new WeakRef(run.random));
      await run.dispose();
    }
    const left = () => held.filter((reference) => reference.deref() !== undefined).length;
    for (let attempt = 0; attempt < 10 && left() > 0; attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      collect();
    }
    // The last run may still stand on the stack.
    expect(left()).toBeLessThanOrEqual(3);
    expect(kernel.openRun({ seed: 1, outputFolder: '/out', services: [[greeting, 'hello']] }).create<Asks>('schedule', 'asks').greeting).toBe('hello');
  });

  it('lets a contribution make others, with a stream that is a child of its own, and disposes them', async () => {
    disposed.length = 0;
    const run = open(5);
    const asks = run.create<Around>('schedule', 'around:of=asks:rate=0.75').inner<Asks>();
    expect(asks.options).toEqual({ rate: 0.75 });
    expect(asks.greeting).toBe('hello');
    expect(asks.random.uniform()).toBe(createRandom(5).child('schedule/around').child('schedule/asks').uniform());
    run.create<Around>('schedule', { name: 'around', of: { name: 'around', of: 'lazy' } }).inner<Around>().inner();
    await run.dispose();
    expect(disposed).toEqual(['lazy']);
  });

  it.each([
    ['around:of=unheard', 'CONTRIBUTION_UNKNOWN'],
    ['around:of=asks:rate=-1', 'OPTION_INVALID'],
    ['around:of="asks:rate"', 'REFERENCE_SYNTAX'],
    ['around:of=around:of=unheard', 'CONTRIBUTION_UNKNOWN'],
    ['around:of=3', 'OPTION_INVALID'],
    ['around:others=[reads;unheard]', 'CONTRIBUTION_UNKNOWN'],
  ])('refuses a wrong contribution among the options at once: %s', (reference, code) => {
    expect(() => kernel.catalogue.check('schedule', reference)).toThrow(expect.objectContaining({ code }));
  });
});
