/** What happens when stdout or stderr take nothing more: a full disk behind a file, a pipe whose reader has gone, a terminal that was closed. */
export interface WatchedStreams {
  /** Waits until all that was written has gone out. @returns why the result did not reach whoever wanted it; a reader that has gone wanted no more */
  settled(): Promise<NodeJS.ErrnoException | undefined>;
  release(): void;
}

/** Whoever closed a pipe, or the terminal, has seen enough. */
const gone = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/** Without a listener an error of these streams would end the process with a stack trace, and the work with it. */
export function watchStreams(stdout: NodeJS.WritableStream = process.stdout, stderr: NodeJS.WritableStream = process.stderr): WatchedStreams {
  let failed: NodeJS.ErrnoException | undefined;
  const note = (error: NodeJS.ErrnoException): void => {
    if (!gone.has(error.code ?? '')) failed ??= error;
  };
  // What is said beside the result has no second place to be said in; the work goes on.
  const ignore = (): void => {};
  stdout.on('error', note);
  stderr.on('error', ignore);
  const flushed = (stream: NodeJS.WritableStream & { writableLength?: number }) => new Promise<void>((resolve) => {
    // Errors are told a moment after the write.
    if (stream.writableLength) stream.write('', () => setImmediate(resolve));
    else setImmediate(resolve);
  });
  return {
    settled: async () => {
      await Promise.all([flushed(stdout), flushed(stderr)]);
      return failed;
    },
    release: () => {
      stdout.off('error', note);
      stderr.off('error', ignore);
    },
  };
}
