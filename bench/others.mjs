/** How much of the processor went to programs that are not being measured: with others at work, no figure can be trusted. */
import { cpus } from 'node:os';

const busySeconds = () => cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;

export class Others {
  #busy = 0;
  #measured = 0;

  /** @param work resolves to what it measured, its own `cpuSeconds` among it */
  async during(work) {
    const before = busySeconds();
    const figures = await work();
    this.#busy += busySeconds() - before;
    this.#measured += figures.cpuSeconds;
    return figures;
  }

  /** Share of the used processor time, 0..1. */
  get share() {
    return this.#busy > 0 ? Math.max(0, 1 - this.#measured / this.#busy) : 0;
  }
}
