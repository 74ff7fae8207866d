import { failure, type Logger } from '@cultivar/sdk';
import { isOutOfFiles, openSealedJson, systemReason } from '@cultivar/sdk/internal';
import { readFile } from 'node:fs/promises';

/**
 * Reads JSON that lies in a file with its checksum.
 * @param consequence what is done where it is damaged, in words
 * @returns undefined where there is no such file, or it is damaged, which is said
 * @throws CultivarError OPEN_FILES
 */
export async function readSealedFile<Content>(path: string, logger: Logger, consequence: string): Promise<Content | undefined> {
  let reason = 'its checksum is not that of what it holds';
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (isOutOfFiles(error)) throw failure('OPEN_FILES', { path }, error);
    reason = systemReason(error);
    return error.code === 'ENOENT' ? undefined : '';
  });
  const content = text === undefined ? undefined : openSealedJson<Content>(text.trimEnd());
  if (text !== undefined && !content) {
    const { message, code } = failure('RUN_DAMAGED', { path, reason });
    logger.warn(`${message} ${consequence} [${code}]`);
  }
  return content;
}
