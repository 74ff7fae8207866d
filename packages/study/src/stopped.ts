import { failure } from '@cultivar/sdk';

/**
 * A study trains in folders of its own, and a training that is stopped names the one it was in. Whoever stops the study is told of the study instead.
 * @param out its folder, with which it goes on where it stopped; absent: it keeps nothing
 * @throws CultivarError RUN_ABORTED with a folder, STUDY_ABORTED without one, when the signal has aborted; else what `work` throws
 */
export async function stoppedAsOne<T>(signal: AbortSignal, out: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!signal.aborted) throw error;
    throw out === undefined ? failure('STUDY_ABORTED', {}, error) : failure('RUN_ABORTED', { path: out }, error);
  }
}
