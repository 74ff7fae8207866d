/**
 * Ctrl-C: the first stops at the next step with the best model saved, the second at once. SIGTERM counts as the first.
 */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Gives the signals back to Node. */
  release(): void;
}

/** @param say where to tell the user what the next Ctrl-C does */
export function listenForInterruption(say: (text: string) => void, exit: (code: number) => void = process.exit): Interruption {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) exit(1);
    else {
      controller.abort();
      say('Stopping at the next step; press Ctrl-C again to stop at once.');
    }
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}
