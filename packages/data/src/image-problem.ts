import { failure, isCultivarError } from '@cultivar/sdk';
import { isOutOfFiles } from '@cultivar/sdk/internal';

/** Why a file is set aside; the codes go into the list that users and programs read. */
export const setAsideCodes = [
  'FILE_UNREADABLE', 'FILE_EMPTY', 'FILE_TOO_LARGE', 'FORMAT_UNKNOWN', 'FORMAT_UNSUPPORTED',
  'IMAGE_TRUNCATED', 'IMAGE_CORRUPT', 'IMAGE_TOO_LARGE', 'IMAGE_RANGE', 'LABEL_CONFLICT',
] as const;
export type SetAsideCode = (typeof setAsideCodes)[number];

/** One file cannot be used. Caught and listed within this package; users see {@link SetAside} or IMAGE_UNREADABLE. */
export class ImageProblem extends Error {
  override readonly name = 'ImageProblem';
  constructor(readonly code: SetAsideCode, reason: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause });
  }
}

export function truncated(cause?: unknown): ImageProblem {
  return new ImageProblem('IMAGE_TRUNCATED', 'it is cut off: the file ends before the image does', cause);
}

/**
 * What kept a file from being read. One file is never fatal, so that anything unforeseen counts as damage.
 * @throws CultivarError OPEN_FILES where it is not the file's fault, lest images be missing from a training because a limit was low
 */
export function fileProblem(error: unknown): ImageProblem {
  if (error instanceof ImageProblem) return error;
  if (isCultivarError(error)) throw error;
  if (isOutOfFiles(error) || /too many open files/i.test(messageOf(error))) throw failure('OPEN_FILES', { path: (error as NodeJS.ErrnoException).path ?? 'an image' }, error);
  if (isFileError(error)) return new ImageProblem('FILE_UNREADABLE', fileErrorReason(error), error);
  return new ImageProblem('IMAGE_CORRUPT', `it cannot be read (${messageOf(error)})`, error);
}

/** By its shape: an error may come from another realm, where `instanceof Error` is false. */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

export function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}

/** An operating system's error in a few words. */
export function fileErrorReason(error: NodeJS.ErrnoException): string {
  const known: Record<string, string> = {
    EACCES: 'permission denied', EPERM: 'permission denied', ENOENT: 'no such file', ELOOP: 'its links go in a circle',
    ENOSPC: 'the disk is full', EDQUOT: 'the disk quota is used up', EROFS: 'the disk is read-only', EIO: 'the disk does not answer',
    EMFILE: 'too many files are open', ENXIO: 'it is not a regular file', ENAMETOOLONG: 'its path is too long', ENOTDIR: 'it is not a folder', EISDIR: 'it is a folder',
  };
  return known[error.code ?? ''] ?? error.message.replace(/, \w+ '.*'$/s, '');
}
