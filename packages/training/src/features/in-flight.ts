/** Jobs under way at once, up to a limit: while some compute, what the next one needs is made. */
export class InFlight {
  private readonly pending = new Set<Promise<void>>();
  private failed: { error: unknown } | undefined;

  constructor(private readonly limit: number) {}

  /** Begins a job as soon as there is room. @throws what an earlier one threw */
  async add(begin: () => Promise<void>): Promise<void> {
    while (this.pending.size >= this.limit) await Promise.race(this.pending);
    this.throwIfFailed();
    const job: Promise<void> = begin().catch((error: unknown) => {
      this.failed ??= { error };
    }).finally(() => this.pending.delete(job));
    this.pending.add(job);
  }

  /** Waits for all of them. @throws what the first that failed threw */
  async done(): Promise<void> {
    await this.settled();
    this.throwIfFailed();
  }

  /** Waits for all of them, whether they fail or not. */
  async settled(): Promise<void> {
    await Promise.all(this.pending);
  }

  private throwIfFailed(): void {
    if (this.failed) throw this.failed.error;
  }
}
