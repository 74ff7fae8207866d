/** A process that measures one engine at one work: it is started, warmed up, then measured in rounds, in turn with others. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { engines } from './matrix.mjs';

/**
 * What helps the peers. Large tensors that glibc hands back to the kernel at once cost new pages at every step: on a virtual machine
 * that costs PyTorch much time. And left to itself TensorFlow takes oneDNN on some processors only.
 */
const tuned = { MALLOC_MMAP_THRESHOLD_: String(2 ** 32), MALLOC_TRIM_THRESHOLD_: String(2 ** 33), TF_ENABLE_ONEDNN_OPTS: '1' };

export class Child {
  #process;
  #answers;
  #complaints = '';

  /** @param asItComes whether peers do without what helps them */
  constructor(engine, request, { python, asItComes }) {
    const { threads } = request;
    const help = engines[engine].peer && !asItComes ? tuned : {};
    this.#process = spawn(engines[engine].python ? python : process.execPath, [engines[engine].script, JSON.stringify({ ...request, engine })], {
      stdio: 'pipe',
      env: { ...process.env, ...help, OMP_NUM_THREADS: String(threads), TF_NUM_INTRAOP_THREADS: String(threads) },
    });
    // What stops it shows as an answer that never comes.
    this.#process.stdin.on('error', () => {});
    this.#process.on('error', (error) => { this.#complaints += error.message; });
    this.#process.stderr.setEncoding('utf8').on('data', (text) => { this.#complaints = (this.#complaints + text).slice(-4000); });
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @returns `{ ready, engine }`, or `{ cannot }` with the reason; or, of a round, what was measured */
  async answer() {
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`it ended early\n${this.#complaints}`);
    return JSON.parse(value);
  }

  /** @returns `{ imagesPerSecond, peakMemoryBytes, cpuSeconds }` */
  round(seconds) {
    this.#process.stdin.write(`${JSON.stringify({ seconds })}\n`);
    return this.answer();
  }

  async close() {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const gone = new Promise((resolve) => { this.#process.once('close', resolve); });
    this.#process.stdin.end();
    this.#process.kill();
    await gone;
  }
}
