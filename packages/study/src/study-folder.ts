import { failure } from '@cultivar/sdk';
import { removeParts } from '@cultivar/sdk/internal';
import { takeFolder } from '@cultivar/training';

export interface StudyFolderOptions {
  /** Go on with what is there. */
  resume?: boolean;
  /** File by which a study is known that was begun; absent: whatever lies there. */
  begun?: string;
}

/**
 * A study has its folder alone while it runs.
 * @throws CultivarError OUTPUT_BUSY, OUTPUT_EXISTS, OUTPUT_WRITE, RESUME_NOTHING; and what `work` throws
 */
export async function inStudyFolder<T>(out: string, { resume = false, begun }: StudyFolderOptions, work: () => Promise<T>): Promise<T> {
  const { entries, release } = await takeFolder(out);
  let ended = false;
  try {
    const there = begun === undefined ? entries.length > 0 : entries.includes(begun);
    if (resume && !there) throw failure('RESUME_NOTHING', { path: out });
    if (!resume && entries.length > 0) throw failure('OUTPUT_EXISTS', { path: out });
    if (resume) await removeParts(out);
    const result = await work();
    ended = true;
    return result;
  } finally {
    await release(!ended);
  }
}
