import { failure } from '@cultivar/sdk';
import { appendFile, readFile } from 'node:fs/promises';
import type { FinishedTrial } from './trial.js';

/** Finished trials, one JSON line each; a line that was broken off by a crash does not count. */
export class TrialRecord {
  private constructor(private readonly path: string, private readonly known: Map<string, FinishedTrial>) {}

  static async open(path: string): Promise<TrialRecord> {
    const known = new Map<string, FinishedTrial>();
    const text = await readFile(path, 'utf8').catch(() => '');
    for (const line of text.split('\n')) {
      try {
        const trial = JSON.parse(line, (key, value: unknown) => (value === null && (key === 'loss' || key === 'trainLoss') ? Infinity : value)) as FinishedTrial;
        known.set(trial.id, trial);
      } catch {
        // Empty, or cut off.
      }
    }
    // What comes next must not be joined to a line that was cut off. The file is there from the beginning, so that a search can be resumed that was
    // stopped in its first trial.
    await appendFile(path, text === '' || text.endsWith('\n') ? '' : '\n');
    return new TrialRecord(path, known);
  }

  get(id: string): FinishedTrial | undefined {
    return this.known.get(id);
  }

  /** @throws CultivarError OUTPUT_WRITE */
  async add(trial: FinishedTrial): Promise<void> {
    this.known.set(trial.id, trial);
    const line = JSON.stringify(trial);
    await appendFile(this.path, `${line}\n`).catch((error: unknown) => {
      throw failure('OUTPUT_WRITE', { path: this.path, reason: error instanceof Error ? error.message : String(error) }, error);
    });
  }
}
