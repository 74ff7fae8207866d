import { failure, isCultivarError, type CultivarError } from './errors.js';

const words: Record<string, string> = {
  ENOSPC: 'no space is left on the disk', EDQUOT: 'the disk quota is used up', EFBIG: 'the file would be larger than is allowed here',
  EACCES: 'permission denied', EPERM: 'permission denied', EROFS: 'the file system is read-only', ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file is in the way', EISDIR: 'a folder is in the way', ENOENT: 'it is not there', ELOOP: 'its symbolic links go round in a circle',
  ENAMETOOLONG: 'the name is too long', EIO: 'the disk reports an error', EMFILE: 'too many files are open at once', ENFILE: 'too many files are open at once',
  EBUSY: 'it is in use', ETXTBSY: 'it is in use', ENOTEMPTY: 'something was written into it meanwhile', EPIPE: 'nobody reads it any more',
};

/** Whether this is what the operating system answered, with a code such as ENOENT. By its shape: an error may come from another realm, where `instanceof` does not hold. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return typeof error === 'object' && error !== null && 'code' in error && /^E[A-Z0-9]+$/.test(String(error.code)) && ('syscall' in error || 'path' in error);
}

/** Why the system refused, in words. */
export function systemReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return (code && words[code]) ?? String((error as Error | undefined)?.message ?? error);
}

/** Why nothing is found at a path that is there: what is not UTF-8 in it has reached us as U+FFFD. Undefined: it is not there. */
export const lostName = (path: string): string | undefined => (path.includes('\ufffd') ? 'its name, or that of a folder above it, seems not to be UTF-8; rename it' : undefined);

/** Whether it is the process that may open no more files, whatever the file is like. */
export const isOutOfFiles = (error: unknown): boolean => ['EMFILE', 'ENFILE'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');

/** What could not be written, as an error of the catalogue: OUTPUT_WRITE or OPEN_FILES; one of ours stays what it is. */
export function writeFailure(path: string, error: unknown): CultivarError {
  if (isCultivarError(error)) return error;
  if (isOutOfFiles(error)) return failure('OPEN_FILES', { path }, error);
  return failure('OUTPUT_WRITE', { path, reason: systemReason(error) }, error);
}

/** As {@link writeFailure}, of whatever the system refused anywhere: OPEN_FILES, OUTPUT_WRITE or SYSTEM_REFUSED. */
export function systemFailure(error: NodeJS.ErrnoException): CultivarError {
  const { code = '', path, syscall = 'work' } = error;
  if (isOutOfFiles(error)) return failure('OPEN_FILES', { path: path ?? syscall }, error);
  if (['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG'].includes(code)) return failure('OUTPUT_WRITE', { path: path ?? 'The output', reason: systemReason(error) }, error);
  return failure('SYSTEM_REFUSED', { what: path === undefined ? syscall : `${syscall} of ${path}`, reason: systemReason(error) }, error);
}
