/**
 * Bounds how much work is under way at once, by weight: a job of weight w runs when w slots are free; one that is
 * heavier than all slots together runs alone. First come, first served.
 */
export class Slots {
  private free: number;
  private readonly waiting: { weight: number; start: () => void }[] = [];

  constructor(private readonly total: number) {
    this.free = total;
  }

  /** @returns the job's result; slots are given back whether it succeeds or fails */
  async run<T>(weight: number, job: () => Promise<T>): Promise<T> {
    const taken = Math.max(1, Math.min(this.total, Math.ceil(weight)));
    await new Promise<void>((start) => {
      this.waiting.push({ weight: taken, start });
      this.admit();
    });
    try {
      return await job();
    } finally {
      this.free += taken;
      this.admit();
    }
  }

  private admit(): void {
    for (let next = this.waiting[0]; next && next.weight <= this.free; next = this.waiting[0]) {
      this.waiting.shift();
      this.free -= next.weight;
      next.start();
    }
  }
}
