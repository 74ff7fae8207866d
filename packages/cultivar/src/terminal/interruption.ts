/**
 * Ctrl-C: the first stops at the next step with the best model saved. From then on the signals have their own way again, so
 * that a second one ends the process at once, even in the middle of a long computation. SIGTERM counts the same, and SIGHUP, which
 * comes when the terminal is closed; a second one of these does nothing, since a terminal often sends two.
 */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Gives the signals back to Node. */
  release(): void;
}

/** @param say where to tell the user what the next Ctrl-C does */
export function listenForInterruption(say: (text: string) => void): Interruption {
  const controller = new AbortController();
  const release = () => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    process.off('SIGHUP', interrupt);
    process.off('SIGHUP', nothing);
  };
  const nothing = () => {};
  const interrupt = () => {
    release();
    process.on('SIGHUP', nothing);
    controller.abort();
    say('Stopping at the next step; press Ctrl-C again to stop at once.');
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.on('SIGHUP', interrupt);
  return { signal: controller.signal, release };
}
