/** Progress in sight of the user: bars on a terminal, a line now and then in a pipe. */
import type { Progress, ProgressTask } from '@cultivar/sdk';
import { printable } from '@cultivar/sdk/internal';
import { MultiBar, type SingleBar } from 'cli-progress';
import { Pace } from '../pace.js';
import { duration, padded, rate } from './words.js';

const clock = () => performance.now();

function tail(pace: Pace, unit: string): string {
  const { rate: speed, secondsLeft } = pace.at(clock());
  const left = secondsLeft === undefined ? '' : `, ${duration(secondsLeft)} left`;
  return speed > 0 ? `${rate(speed)} ${unit}/s${left}` : '';
}

function summary(label: string, pace: Pace, unit: string, note?: string): string {
  const { done, seconds } = pace.at(clock());
  const speed = seconds >= 0.5 && done > 1 ? ` (${rate(pace.average(clock()))} ${unit}/s)` : '';
  return `${label}: ${done} ${unit} in ${duration(seconds)}${speed}${note ? `, ${note}` : ''}`;
}

/** What was over in a moment needs no line of its own. */
function worthTelling(pace: Pace, note?: string): boolean {
  return note !== undefined || pace.at(clock()).seconds >= 0.5;
}

/** One line at most every `interval` seconds for each task, and one at its end. */
export class LineProgress implements Progress {
  constructor(private readonly write: (line: string) => void, private readonly interval = 5) {}

  start(label: string, total?: number, unit = 'steps'): ProgressTask {
    const pace = new Pace(total, clock());
    let last = clock();
    let finished = false;
    return {
      advance: (steps = 1, note) => {
        pace.advance(steps, clock());
        if (finished || clock() - last < this.interval * 1000) return;
        last = clock();
        const { done } = pace.at(clock());
        const speed = tail(pace, unit);
        this.write(`${label}: ${done}${total === undefined ? '' : `/${total}`} ${unit}${speed ? `, ${speed}` : ''}${note ? `, ${note}` : ''}`);
      },
      finish: (note) => {
        if (!finished && worthTelling(pace, note)) this.write(summary(label, pace, unit, note));
        finished = true;
      },
    };
  }
}

/** Bars, several at once; lines in between go above them. */
export class BarProgress implements Progress {
  private bars?: MultiBar;
  private active = 0;
  private drawn = 0;

  constructor(private readonly stream: NodeJS.WriteStream) {}

  start(label: string, total?: number, unit = 'steps'): ProgressTask {
    this.bars ??= this.open();
    this.active += 1;
    const pace = new Pace(total, clock());
    const known = total !== undefined && total > 0;
    const bar: SingleBar = this.bars.create(known ? total : 1, 0, { label: padded(printable(label), 22), tail: '', note: '', unit }, {
      format: known ? ' {label} {bar} {value}/{total} {unit}  {tail}{note}' : ' {label} {done} {unit}  {tail}{note}',
    });
    const payload = (note?: string) => ({ tail: tail(pace, unit), done: pace.at(clock()).done, ...(note === undefined ? {} : { note: `  ${printable(note)}` }) });
    bar.update(0, payload());
    let finished = false;
    return {
      advance: (steps = 1, note) => {
        pace.advance(steps, clock());
        if (finished) return;
        bar.update(known ? Math.min(total, pace.at(clock()).done) : 0, payload(note));
        this.draw();
      },
      finish: (note) => {
        if (finished) return;
        finished = true;
        this.bars?.remove(bar);
        this.active -= 1;
        if (this.active === 0) this.close();
        if (worthTelling(pace, note)) this.line(summary(label, pace, unit, note));
      },
    };
  }

  /** Writes a line without breaking the bars. */
  line(line: string): void {
    const text = printable(line);
    if (!this.bars) {
      this.stream.write(`${text}\n`);
      return;
    }
    this.bars.log(`${text}\n`);
    this.bars.update();
  }

  /** Draws now, where the bars' own timer has had no turn: a long computation keeps it waiting. */
  private draw(): void {
    if (clock() - this.drawn < 125) return;
    this.drawn = clock();
    this.bars?.update();
  }

  /** Takes the bars off the screen. */
  close(): void {
    this.bars?.stop();
    this.bars = undefined;
  }

  private open(): MultiBar {
    return new MultiBar({
      stream: this.stream, clearOnComplete: true, fps: 8, barsize: 28, emptyOnZero: true,
      barCompleteChar: '█', barIncompleteChar: '░', gracefulExit: false, forceRedraw: true,
      // The terminal is left in its own mode: a process that is killed could not put it back.
      hideCursor: false, linewrap: true,
    });
  }
}
