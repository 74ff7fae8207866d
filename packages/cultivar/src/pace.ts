/** How fast long work goes, over its last few seconds, and how long the rest will take. */
export class Pace {
  private readonly began: number;
  private readonly marks: { time: number; done: number }[];
  private done = 0;

  /** @param now milliseconds on a clock that only goes forward */
  constructor(private readonly total: number | undefined, now: number, private readonly windowSeconds = 10) {
    this.began = now;
    this.marks = [{ time: now, done: 0 }];
  }

  advance(steps: number, now: number): void {
    this.done += steps;
    const last = this.marks[this.marks.length - 1];
    if (last && now - last.time < 100 && this.marks.length > 1) this.marks[this.marks.length - 1] = { time: last.time, done: this.done };
    else this.marks.push({ time: now, done: this.done });
    while (this.marks.length > 2 && (this.marks[1]?.time ?? now) < now - this.windowSeconds * 1000) this.marks.shift();
  }

  at(now: number): { done: number; total?: number; seconds: number; rate: number; secondsLeft?: number } {
    const first = this.marks[0] ?? { time: this.began, done: 0 };
    const span = (now - first.time) / 1000;
    const seconds = (now - this.began) / 1000;
    const rate = span > 0 ? (this.done - first.done) / span : 0;
    const left = this.total === undefined || rate <= 0 ? undefined : Math.max(0, (this.total - this.done) / rate);
    return { done: this.done, total: this.total, seconds, rate, secondsLeft: left };
  }

  /** Steps a second over the whole time. */
  average(now: number): number {
    const seconds = (now - this.began) / 1000;
    return seconds > 0 ? this.done / seconds : 0;
  }
}
