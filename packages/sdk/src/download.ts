import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { ReadableStream } from 'node:stream/web';
import { fetchThroughProxy, FetchRefusal, type FetchOptions } from './fetch.js';

/** How long a server may take, in milliseconds. */
export interface Patience {
  /** Until a connection is there. Default 15 seconds. */
  connecting?: number;
  /** Without a byte, and for {@link trickle} bytes. Default 30 seconds. */
  silence?: number;
}

export interface DownloadRequest extends FetchOptions {
  /** Bytes that may come, once what was compressed is unfolded. */
  limit: number;
  patience?: Patience;
  /** Told of each piece, and of how many bytes there will be in all, where the server announces it. */
  onPiece?: (piece: Uint8Array, announced?: number) => void;
  /** Bytes that are there already: the rest is asked for. */
  from?: number;
}

export interface Downloaded {
  /** That came, those that were there already left out. */
  bytes: number;
  /** Where they begin: at `from`, or at 0 where the server sent all of it again. */
  from: number;
  /** Content type. */
  type: string;
}

/** What comes slower than this in the time of a silence is no download. */
export const trickle = 1024;

/** Whether to ask again may help. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof FetchRefusal);
}

/**
 * Fetches into a file, piece by piece: it is never in memory as a whole.
 * @param sink where the bytes go, from where they begin
 * @throws FetchRefusal where the server says no, sends more than the limit, or on; Error for what may pass; an abort as it is
 */
export async function download(address: string | URL, sink: (from: number) => NodeJS.WritableStream, request: DownloadRequest): Promise<Downloaded> {
  const { limit, patience: { connecting, silence = 30_000 } = {}, onPiece, from = 0, signal, headers } = request;
  const watch = watchSilence(silence, signal);
  try {
    const response = await fetchThroughProxy(address, { headers: { ...headers, ...(from > 0 && { range: `bytes=${from}-` }) }, signal: watch.signal, connecting });
    const { status } = response;
    if (status === 416 && from > 0) {
      await response.body?.cancel();
      return { bytes: 0, from, type: '' };
    }
    if (status !== 200 && !(status === 206 && from > 0)) {
      await response.body?.cancel();
      const words = `the server answered ${status} ${response.statusText}`.trim();
      throw status >= 500 || status === 408 || status === 429 ? new Error(words) : new FetchRefusal(words);
    }
    const start = status === 206 ? from : 0;
    const announced = response.headers.has('content-encoding') ? undefined : Number(response.headers.get('content-length') ?? Number.NaN);
    if (announced !== undefined && start + announced > limit) throw new FetchRefusal(`it has ${start + announced} bytes, more than the ${limit} that it may`);
    let bytes = 0;
    await pipeline(Readable.fromWeb((response.body ?? new Blob([]).stream()) as ReadableStream), async function* counted(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        bytes += chunk.byteLength;
        watch.came(chunk.byteLength);
        if (start + bytes > limit) throw new FetchRefusal(`more came than the ${limit} bytes that it may have`);
        onPiece?.(chunk, announced === undefined || Number.isNaN(announced) ? undefined : start + announced);
        yield chunk;
      }
    }, sink(start), { signal: watch.signal });
    if (announced !== undefined && !Number.isNaN(announced) && announced !== bytes) throw new Error(`${bytes} bytes came where the server announced ${announced}`);
    return { bytes, from: start, type: response.headers.get('content-type') ?? '' };
  } catch (error) {
    throw signal?.aborted ? signal.reason : watch.reason() ?? error;
  } finally {
    watch.end();
  }
}

/** As {@link download}, into a new file. @returns the size and SHA-256, hexadecimal, of what was written */
export async function downloadFile(address: string | URL, path: string, request: Omit<DownloadRequest, 'from'>): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  const { bytes } = await download(address, () => createWriteStream(path, { flags: 'wx' }), {
    ...request,
    onPiece: (piece, announced) => {
      hash.update(piece);
      request.onPiece?.(piece, announced);
    },
  });
  return { bytes, sha256: hash.digest('hex') };
}

/** As {@link download}, into memory. */
export async function downloadText(address: string | URL, request: Omit<DownloadRequest, 'from'>): Promise<{ text: string; type: string }> {
  const pieces: Uint8Array[] = [];
  const { type } = await download(address, () => new Writable({
    write(piece: Uint8Array, _, done) {
      pieces.push(piece);
      done();
    },
  }), request);
  return { text: Buffer.concat(pieces).toString('utf8'), type };
}

/** Some attempts with ever longer pauses; what asking again cannot help is thrown at once. */
export async function attempt<T>(attempts: number, signal: AbortSignal | undefined, work: () => Promise<T>, final: (error: unknown) => boolean = () => false): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted || count === attempts || !mayPass(error) || final(error)) throw error;
      await pause(200 * count ** 2, undefined, { signal });
    }
  }
}

/** fetch says only `fetch failed`; what happened is in its cause. */
export function downloadReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message || (error.cause as NodeJS.ErrnoException).code}` : error.message;
}

interface Watch {
  signal: AbortSignal;
  came(bytes: number): void;
  /** Why the watch ended it; undefined where it did not. */
  reason(): Error | undefined;
  end(): void;
}

/**
 * Ends what brings fewer than {@link trickle} bytes in the time given. It looks several times, so that a program that was busy all that time, and had no
 * turn to take what came, is not taken for a silent server.
 */
function watchSilence(silence: number, outer: AbortSignal | undefined): Watch {
  const looks = 4;
  const controller = new AbortController();
  let reason: Error | undefined;
  let bytes = 0;
  const before: number[] = [];
  const timer = setInterval(() => {
    before.push(bytes);
    bytes = 0;
    const came = before.slice(-looks).reduce((sum, count) => sum + count, 0);
    if (before.length >= looks && came < trickle) {
      reason = new Error(came === 0 ? `nothing came for ${silence / 1000} s` : `only ${came} bytes came in ${silence / 1000} s`);
      controller.abort(reason);
    }
  }, silence / looks);
  return {
    signal: outer ? AbortSignal.any([outer, controller.signal]) : controller.signal,
    came: (count) => { bytes += count; },
    reason: () => reason,
    end: () => clearInterval(timer),
  };
}
