import { constants, openSync, closeSync, fstatSync, readSync, statSync } from 'node:fs';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';

/** Why a file is not read. Caught by whoever reads: each reader has a code of its own for it. */
export class FileProblem extends Error {
  override readonly name = 'FileProblem';
  /** @param message without the file's name, to stand behind it: `is a folder` */
  constructor(readonly kind: 'missing' | 'outside' | 'irregular' | 'large' | 'unreadable', message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** A pipe that nobody writes to would keep `open` waiting for ever. Not there on Windows. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

interface Found {
  isFile(): boolean;
  isDirectory(): boolean;
  size: number;
}

function check(found: Found, limit: number): number {
  if (found.isDirectory()) throw new FileProblem('irregular', 'is a folder');
  if (!found.isFile()) throw new FileProblem('irregular', 'is a device, a pipe or a socket, not a file');
  if (found.size > limit) throw new FileProblem('large', `holds ${found.size} bytes, more than the ${limit} that it may`);
  return found.size;
}

function problemOf(error: unknown): unknown {
  if (error instanceof FileProblem) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new FileProblem('missing', 'is not there', error);
  return new FileProblem('unreadable', `cannot be read (${code ?? message})`, error);
}

/**
 * Reads a file that must be one: not a folder, device, pipe or socket, and of at most so many bytes.
 * @throws FileProblem
 */
export async function readRegularFile(path: string, limit: number): Promise<Buffer> {
  let file: FileHandle | undefined;
  try {
    // Opening a device may already do something.
    check(await stat(path), limit);
    file = await open(path, flags);
    const bytes = Buffer.allocUnsafeSlow(check(await file.stat(), limit));
    let at = 0;
    while (at < bytes.length) {
      const { bytesRead } = await file.read(bytes, at, bytes.length - at, at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes.subarray(0, at);
  } catch (error) {
    throw problemOf(error);
  } finally {
    await file?.close();
  }
}

/** As {@link readRegularFile}, at once. @throws FileProblem */
export function readRegularFileSync(path: string, limit: number): Buffer {
  let file: number | undefined;
  try {
    check(statSync(path), limit);
    file = openSync(path, flags);
    const bytes = Buffer.allocUnsafeSlow(check(fstatSync(file), limit));
    let at = 0;
    while (at < bytes.length) {
      const read = readSync(file, bytes, at, bytes.length - at, at);
      if (read === 0) break;
      at += read;
    }
    return bytes.subarray(0, at);
  } catch (error) {
    throw problemOf(error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Whether a path lies in a folder; both real and absolute. */
export function liesIn(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}

/** Names that mean something else than a file further down: drives, roots, the way up; backslashes, which are a way down on Windows alone. */
const wayOut = /^[/\\]|^[A-Za-z]:|\\|\0|(^|\/)\.\.(\/|$)/;

/**
 * Reads a file that another file names: it must lie in the folder, links followed.
 * @param name relative, with `/` between its parts
 * @throws FileProblem
 */
export async function readFileInside(folder: string, name: string, limit: number): Promise<Buffer> {
  if (name === '' || wayOut.test(name)) throw new FileProblem('outside', `does not lie in ${folder}`);
  const real = await realpath(join(folder, name)).catch((error: unknown) => { throw problemOf(error); });
  if (!liesIn(await realpath(folder), real)) throw new FileProblem('outside', `is a link that leads out of ${folder}`);
  return readRegularFile(real, limit);
}
