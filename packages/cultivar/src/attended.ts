/**
 * The functions that a caller has given to be told by: events, progress, words. One that fails, at once or in the promise it returns, fails the
 * call: the work stops at its next step, as if its signal had aborted, with everything saved that then is saved, and the call is rejected with
 * what the function threw. Nothing is ever left for the process to report as unhandled.
 */
import { silentLogger, silentProgress } from '@cultivar/kernel';
import { failure, type Logger, type Progress, type ProgressTask } from '@cultivar/sdk';
import type { TrainingEvent } from '@cultivar/training';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

/** What may be given. */
export interface Around {
  logger?: Logger | undefined;
  progress?: Progress | undefined;
  signal?: AbortSignal | undefined;
  onEvent?: ((event: TrainingEvent) => void | Promise<void>) | undefined;
}

/** What the work is handed instead. */
export interface Attendance {
  readonly logger: Logger;
  readonly progress: Progress;
  /** Aborts with the caller's, and when a function of the caller's has failed. */
  readonly signal: AbortSignal;
  readonly emit?: (event: TrainingEvent) => void;
  /** Makes one more function of the caller's safe to call. */
  hear<Values extends unknown[]>(listener: ((...values: Values) => unknown) | undefined): (...values: Values) => void;
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  (typeof value === 'object' || typeof value === 'function') && value !== null && 'then' in value && typeof value.then === 'function';

const isTask = (value: unknown): value is ProgressTask =>
  typeof value === 'object' && value !== null && 'advance' in value && typeof value.advance === 'function' && 'finish' in value && typeof value.finish === 'function';

/** Milliseconds that the caller's functions have to come to their end once the call has been stopped. */
const grace = 1000;

/** Watches over the functions of one call, or of an object that lives on after it. */
export class Listeners implements Attendance {
  readonly logger: Logger;
  readonly progress: Progress;
  readonly emit?: (event: TrainingEvent) => void;
  readonly #controller = new AbortController();
  readonly #pending = new Set<Promise<void>>();
  readonly #given: Around;
  readonly #abort = (): void => this.#controller.abort(this.#given.signal?.reason);
  #failed: { reason: unknown } | undefined;

  constructor(given: Around) {
    this.#given = given;
    const { logger, progress, signal, onEvent } = given;
    this.logger = logger === undefined ? silentLogger : {
      debug: this.hear((message: string) => logger.debug(message)),
      info: this.hear((message: string) => logger.info(message)),
      warn: this.hear((message: string) => logger.warn(message)),
    };
    this.progress = progress === undefined ? silentProgress : { start: (label, total, unit) => this.#task(progress, label, total, unit) };
    if (onEvent) this.emit = this.hear(onEvent);
    if (signal?.aborted) this.#abort();
    else signal?.addEventListener('abort', this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  hear<Values extends unknown[]>(listener: ((...values: Values) => unknown) | undefined): (...values: Values) => void {
    if (listener === undefined) return () => {};
    return (...values) => {
      this.#attempt(() => listener(...values));
    };
  }

  /**
   * Waits for the promises that functions have returned; not for ever once the call has been stopped, by its signal or by a function that failed.
   * @throws what the first of them to fail has failed with
   */
  async settled(): Promise<void> {
    const over = new AbortController();
    const stopped = this.signal.aborted ? Promise.resolve() : once(this.signal, 'abort', { signal: over.signal });
    const late = stopped.then(() => pause(grace, undefined, { signal: over.signal })).then(() => true, () => true);
    while (this.#pending.size > 0 && !(await Promise.race([Promise.all(this.#pending).then(() => false), late])));
    over.abort();
    const failed = this.#failed;
    this.#failed = undefined;
    if (failed) throw failed.reason;
  }

  /** Lets go of the caller's signal. */
  release(): void {
    this.#given.signal?.removeEventListener('abort', this.#abort);
  }

  #attempt<Result>(work: () => Result): Result | undefined {
    try {
      const result = work();
      if (isThenable(result)) this.#follow(result);
      return result;
    } catch (reason) {
      this.#fail(reason);
      return undefined;
    }
  }

  #follow(result: PromiseLike<unknown>): void {
    const followed: Promise<void> = Promise.resolve(result).then(() => undefined, (reason: unknown) => this.#fail(reason)).finally(() => this.#pending.delete(followed));
    this.#pending.add(followed);
  }

  #fail(reason: unknown): void {
    this.#failed ??= { reason };
    this.#controller.abort(reason);
  }

  #task(progress: Progress, label: string, total?: number, unit?: string): ProgressTask {
    const task: unknown = this.#attempt(() => progress.start(label, total, unit));
    if (!isTask(task)) {
      const wrong = () => this.#fail(failure('ARGUMENT_INVALID', { argument: 'Option progress', call: 'the call', reason: 'what its start() returned has no methods advance and finish' }));
      if (isThenable(task)) this.#follow(Promise.resolve(task).then(wrong));
      else wrong();
      return silentProgress.start(label);
    }
    return { advance: this.hear((steps?: number, note?: string) => task.advance(steps, note)), finish: this.hear((note?: string) => task.finish(note)) };
  }
}

/**
 * Does the work of one call.
 * @throws what a function of the caller's has failed with; else what the work throws
 */
export async function attended<Result>(given: Around, work: (attendance: Attendance) => Promise<Result>): Promise<Result> {
  const listeners = new Listeners(given);
  try {
    const result = await work(listeners);
    await listeners.settled();
    return result;
  } catch (error) {
    await listeners.settled();
    throw error;
  } finally {
    listeners.release();
  }
}
