import type { Progress } from '@cultivar/sdk';
import { Pace } from './pace.js';

/** How far one long piece of work has come. */
export interface ProgressEvent {
  /** What is being done, in words. */
  label: string;
  done: number;
  /** Absent where it is not known beforehand. */
  total?: number;
  /** What one step is, e.g. `images`. */
  unit: string;
  /** Steps a second, over the last few seconds. */
  rate: number;
  /** Absent where it cannot be told. */
  secondsLeft?: number;
  finished: boolean;
  note?: string;
}

/** Turns progress into events: at the start, at the end, and at most ten times a second in between. */
export function progressEvents(listener: (event: ProgressEvent) => void, clock: () => number = () => performance.now()): Progress {
  return {
    start: (label, total, unit = 'steps') => {
      const pace = new Pace(total, clock());
      let last = Number.NEGATIVE_INFINITY;
      let over = false;
      const tell = (finished: boolean, note?: string) => {
        const now = clock();
        if (over || (!finished && now - last < 100)) return;
        last = now;
        over = finished;
        const { done, rate, secondsLeft } = pace.at(now);
        listener({ label, done, ...(total === undefined ? {} : { total }), unit, rate, ...(secondsLeft === undefined ? {} : { secondsLeft }), finished, ...(note === undefined ? {} : { note }) });
      };
      tell(false);
      return {
        advance: (steps = 1, note) => {
          pace.advance(steps, clock());
          tell(false, note);
        },
        finish: (note) => tell(true, note),
      };
    },
  };
}
