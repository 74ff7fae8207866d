/** Why a file is set aside; the codes go into the list that users and programs read. */
export const setAsideCodes = [
  'FILE_UNREADABLE', 'FILE_EMPTY', 'FILE_TOO_LARGE', 'FORMAT_UNKNOWN', 'FORMAT_UNSUPPORTED',
  'IMAGE_TRUNCATED', 'IMAGE_CORRUPT', 'IMAGE_TOO_LARGE', 'LABEL_CONFLICT',
] as const;
export type SetAsideCode = (typeof setAsideCodes)[number];

/** One file cannot be used. Caught and listed within this package; users see {@link SetAside} or IMAGE_UNREADABLE. */
export class ImageProblem extends Error {
  override readonly name = 'ImageProblem';
  constructor(readonly code: SetAsideCode, reason: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause });
  }
}

/**
 * Makes sure that what stopped an image is an {@link ImageProblem}.
 * @param whole false where the file's structure has no end: then that is what is wrong
 */
export function imageProblem(error: unknown, whole = true): ImageProblem {
  if (error instanceof ImageProblem) return error;
  const text = messageOf(error);
  if (isFileError(error)) return new ImageProblem('FILE_UNREADABLE', fileErrorReason(error), error);
  if (/pixel limit/.test(text)) return new ImageProblem('IMAGE_TOO_LARGE', 'it has more pixels than are allowed', error);
  const reason = text.split('\n')[0]!.replace(/^Input (buffer|file) has corrupt header: /, '').trim();
  const truncated = !whole || /premature end|truncat|unexpected end|ends (before|within)|bad seek|end of file/i.test(text);
  return new ImageProblem(truncated ? 'IMAGE_TRUNCATED' : 'IMAGE_CORRUPT', `${truncated ? 'it is cut off' : 'it cannot be decoded'} (${reason})`, error);
}

/** By its shape: it may come from another realm, where `instanceof Error` is false. */
export function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

/** An operating system's error in a few words. */
export function fileErrorReason(error: NodeJS.ErrnoException): string {
  const known: Record<string, string> = {
    EACCES: 'permission denied', EPERM: 'permission denied', ENOENT: 'no such file', ELOOP: 'its links go in a circle',
    ENOSPC: 'the disk is full', EDQUOT: 'the disk quota is used up', EROFS: 'the disk is read-only', EIO: 'the disk does not answer',
    EMFILE: 'too many files are open', ENOTDIR: 'it is not a folder', EISDIR: 'it is a folder',
  };
  return known[error.code ?? ''] ?? error.message;
}
