import { written } from '@cultivar/kernel';
import { failure, type ContributionReference, type Logger } from '@cultivar/sdk';
import { sealJson, writeAtomically } from '@cultivar/sdk/internal';
import type { TrainingRequest } from '@cultivar/training';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { requestPrint } from '../request-print.js';
import { readSealedFile } from '../sealed-file.js';
import type { StrategyTrial } from './compare-strategies.js';
import type { Answers } from './paired-difference.js';

/** A strategy that has ended. */
export interface EndedStrategy {
  trial: StrategyTrial;
  /** Absent where training diverged. */
  answers?: Answers;
}

const hash = (value: string): string => createHash('sha256').update(value).digest('hex').slice(0, 12);

/** Strategies that have ended, a file of JSON for each, all of one request. */
export class StrategyRecord {
  private readonly request: string;

  /** @param contentHash of the images */
  constructor(private readonly out: string, private readonly logger: Logger, request: TrainingRequest, contentHash: string) {
    this.request = requestPrint({ ...request, strategy: undefined }, { contentHash });
  }

  /** Of the run's bundle. */
  folder(strategy: ContributionReference): string {
    const text = written(strategy);
    return join(this.out, text === strategy.name ? text : `${strategy.name}-${hash(text)}`);
  }

  /** @returns undefined where it was not written, or is damaged, which is said. @throws CultivarError RESUME_MISMATCH where it is of another request */
  async read(strategy: ContributionReference): Promise<EndedStrategy | undefined> {
    const record = await readSealedFile<EndedStrategy & { request: string }>(this.file(strategy), this.logger, 'The strategy is trained again.');
    if (!record) return undefined;
    const { request, ...ended } = record;
    if (request !== this.request) throw failure('RESUME_MISMATCH', { path: this.out, reason: `${written(strategy)} was trained on other data or with other settings` });
    return ended;
  }

  /** @throws CultivarError OUTPUT_WRITE */
  write(strategy: ContributionReference, ended: EndedStrategy): Promise<void> {
    return writeAtomically(this.file(strategy), [`${sealJson({ request: this.request, ...ended })}\n`]);
  }

  private file(strategy: ContributionReference): string {
    return `${this.folder(strategy)}.json`;
  }
}
