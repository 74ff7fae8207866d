import { failure, type Logger } from '@cultivar/sdk';
import { isOutOfFiles, openSealedJson, sealJson, systemReason, writeAtomically, writeFailure } from '@cultivar/sdk/internal';
import { appendFile, readFile } from 'node:fs/promises';
import type { FinishedTrial } from './trial.js';

/** Finished trials, one line of JSON each with its checksum; a line that was broken off by a crash, or is damaged, does not count. */
export class TrialRecord {
  private constructor(private readonly path: string, private readonly known: Map<string, FinishedTrial>) {}

  /** @throws CultivarError RUN_DAMAGED where it cannot be read at all, OUTPUT_WRITE, OPEN_FILES */
  static async open(path: string, logger: Logger): Promise<TrialRecord> {
    const known = new Map<string, FinishedTrial>();
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      if (isOutOfFiles(error)) throw failure('OPEN_FILES', { path }, error);
      throw failure('RUN_DAMAGED', { path, reason: systemReason(error) }, error);
    });
    const lines = text.split('\n');
    const whole: string[] = [];
    for (const [index, line] of lines.entries()) {
      const trial = openSealedJson<FinishedTrial>(line, (key, value) => (value === null && (key === 'loss' || key === 'trainLoss') ? Infinity : value));
      if (trial) {
        known.set(trial.id, trial);
        whole.push(`${line}\n`);
      } else if (line !== '' && index < lines.length - 1) {
        const { message, code } = failure('RUN_DAMAGED', { path, reason: `line ${index + 1} is not as it was written` });
        logger.warn(`${message} The trial is run again. [${code}]`);
      }
    }
    // What comes next must not be joined to a line that was cut off. The file is there from the beginning, so that a search can be resumed that was
    // stopped in its first trial.
    if (text === '' || whole.join('') !== text) await writeAtomically(path, whole);
    return new TrialRecord(path, known);
  }

  get(id: string): FinishedTrial | undefined {
    return this.known.get(id);
  }

  /** @throws CultivarError OUTPUT_WRITE */
  async add(trial: FinishedTrial): Promise<void> {
    this.known.set(trial.id, trial);
    const line = sealJson(trial);
    await appendFile(this.path, `${line}\n`).catch((error: unknown) => {
      throw writeFailure(this.path, error);
    });
  }
}
