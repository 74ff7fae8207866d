import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as later } from 'node:timers/promises';
import type { TrainingEvent } from '@cultivar/training';
import { attended, type Around, type Attendance } from './attended.js';

const mine = new Error('of the listener');
const event: TrainingEvent = { type: 'phase-start', phase: 'x' };
const quiet = { debug: () => {}, info: () => {}, warn: () => {} };
const task = { advance: () => {}, finish: () => {} };

const name = ['t', 'hen'].join('');
const withThen = (method: unknown, object: object = {}): object => Object.defineProperty(object, name, { value: method });

/** Ways to fail. */
const ways: [string, () => unknown][] = [
  ['throws', () => { throw mine; }],
  ['rejects', () => Promise.reject(mine)],
  ['rejects later', async () => { await later(5); throw mine; }],
  ['returns a thenable that rejects', () => withThen((_: unknown, no: (reason: unknown) => void) => no(mine))],
  ['returns a thenable that throws', () => withThen(() => { throw mine; })],
  ['returns a function with a then', () => withThen((_: unknown, no: (reason: unknown) => void) => no(mine), () => {})],
  ['returns what throws when looked at', () => Object.defineProperty({}, name, { get: () => { throw mine; } })],
];
/** Functions that a caller gives. */
const functions: [string, (fail: () => never) => Around, (attendance: Attendance) => void][] = [
  ['onEvent', (fail) => ({ onEvent: fail }), ({ emit }) => emit?.(event)],
  ['logger.debug', (fail) => ({ logger: { ...quiet, debug: fail } }), ({ logger }) => logger.debug('')],
  ['logger.info', (fail) => ({ logger: { ...quiet, info: fail } }), ({ logger }) => logger.info('')],
  ['logger.warn', (fail) => ({ logger: { ...quiet, warn: fail } }), ({ logger }) => logger.warn('')],
  ['progress.start', (fail) => ({ progress: { start: fail } }), ({ progress }) => progress.start('').advance()],
  ['progress.advance', (fail) => ({ progress: { start: () => ({ ...task, advance: fail }) } }), ({ progress }) => progress.start('').advance()],
  ['progress.finish', (fail) => ({ progress: { start: () => ({ ...task, finish: fail }) } }), ({ progress }) => progress.start('').finish()],
];

describe('attended', () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => { unhandled.push(reason); };
  beforeEach(() => { process.on('unhandledRejection', note); });
  afterEach(() => { process.off('unhandledRejection', note); });

  it.each(functions.flatMap(([name, make, tell]) => ways.map(([way, fail]) => [name, way, make(fail as () => never), tell] as const)))('%s that %s rejects the call', async (_name, _way, given, tell) => {
    let stopped = false;
    // Whether the work comes to its end, or stops because its signal aborts.
    for (const ends of [true, false]) {
      await expect(attended(given, async (attendance) => {
        tell(attendance);
        if (!ends) {
          for (let turn = 0; turn < 100 && !attendance.signal.aborted; turn += 1) await later(1);
          stopped = attendance.signal.aborted;
          attendance.signal.throwIfAborted();
        }
        return 'done';
      })).rejects.toBe(mine);
    }
    await later(2);
    expect([stopped, unhandled]).toEqual([true, []]);
  });

  it('rejects with the first failure, were it undefined, and hears all of them', async () => {
    const reasons = [undefined, mine];
    const given: Around = { onEvent: () => Promise.reject(reasons.shift()) };
    await expect(attended(given, async ({ emit }) => {
      emit?.(event);
      emit?.(event);
      throw new Error('of the work');
    })).rejects.toBeUndefined();
    expect(unhandled).toEqual([]);
  });

  it('waits for listeners that take their time, and calls methods on their object', async () => {
    class Log {
      lines: string[] = [];
      async info(line: string) { await later(5); this.lines.push(line); }
      debug() {}
      warn() {}
    }
    const logger = new Log();
    expect(await attended({ logger }, async (attendance) => { attendance.logger.info('said'); return 1; })).toBe(1);
    expect(logger.lines).toEqual(['said']);
  });

  it('is kept waiting by functions whose promise never settles until it is stopped, and no longer', async () => {
    const never = () => new Promise<never>(() => {});
    await Promise.all(functions.flatMap(([name, make, tell]) => {
      const given = make(never as unknown as () => never);
      const controllers = [new AbortController(), new AbortController()] as const;
      let ended = false;
      return [
        // While the work is done: it ends as it does when it is stopped.
        expect(attended({ ...given, signal: controllers[0].signal }, async (attendance) => {
          tell(attendance);
          controllers[0].abort(mine);
          attendance.signal.throwIfAborted();
        })).rejects.toBe(mine),
        // When it is done already: nothing of it is lost.
        attended({ ...given, signal: controllers[1].signal }, async (attendance) => {
          tell(attendance);
          setTimeout(() => controllers[1].abort([name, ended]), 50);
          return name;
        }).then((result) => {
          ended = true;
          expect([result, controllers[1].signal.reason]).toEqual([name, [name, false]]);
        }),
        // When another function fails.
        expect(attended({ ...given, ...(name === 'onEvent' ? { logger: { ...quiet, info: () => Promise.reject(mine) as never } } : { onEvent: () => Promise.reject(mine) }) }, async (attendance) => {
          tell(attendance);
          (name === 'onEvent' ? attendance.logger.info : attendance.emit)?.('' as never);
        })).rejects.toBe(mine),
      ];
    }));
    expect(unhandled).toEqual([]);
  }, 20_000);

  it('lets functions that are at work when it is stopped come to their end', async () => {
    const controller = new AbortController();
    let written = false;
    await expect(attended({ signal: controller.signal, onEvent: async () => { await later(50); written = true; } }, async ({ emit }) => {
      emit?.(event);
      controller.abort(mine);
      throw mine;
    })).rejects.toBe(mine);
    expect(written).toBe(true);
  });

  it('aborts with the caller, and lets his signal go', async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...given: Parameters<typeof add>) => { listeners += 1; add(...given); };
    signal.removeEventListener = (...given: Parameters<typeof remove>) => { listeners -= 1; remove(...given); };
    await attended({ signal }, async (attendance) => {
      expect(attendance.signal.aborted).toBe(false);
      controller.abort(mine);
      expect([attendance.signal.aborted, attendance.signal.reason]).toEqual([true, mine]);
    });
    expect(listeners).toBe(0);
    await attended({ signal }, async (attendance) => expect(attendance.signal.aborted).toBe(true));
  });
});
