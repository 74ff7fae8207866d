/** What tfjs's backends do to a process beside computing, kept out. */
import * as tf from '@tensorflow/tfjs-core';

/** A function as the loader of a WebAssembly module, made by emscripten, writes it: it throws on what no one has caught. */
const rethrows = /^function\s*\((\w+)\)\s*\{\s*(?:if\s*\(!\(\1 instanceof \w+\)\)\s*\{?\s*)?throw \1;?\s*\}?\s*\}$/;
const events = ['uncaughtException', 'unhandledRejection'];

let starting = 0;
let restore = (): void => {};

/**
 * Starts tfjs's WebAssembly backend without what its loader does to the process: listeners of `uncaughtException` and `unhandledRejection` that
 * throw once more, which would end a program that reports such errors and goes on. Only these two are kept out, while `start` runs;
 * what anybody else has the process listen to meanwhile is let through.
 * @returns what `start` returns
 */
export async function startWasmQuietly<Result>(start: () => Promise<Result>): Promise<Result> {
  if (starting === 0) restore = keepOut();
  starting += 1;
  try {
    return await start();
  } finally {
    starting -= 1;
    if (starting === 0) restore();
  }
}

/** @returns what puts `process.on` back */
function keepOut(): () => void {
  const own = Object.getOwnPropertyDescriptor(process, 'on');
  const on = process.on;
  let closed = true;
  const selective = function (this: NodeJS.Process, event: string, listener: (...values: unknown[]) => void) {
    return closed && events.includes(event) && rethrows.test(String(listener)) ? this : on.call(this, event, listener);
  } as typeof process.on;
  process.on = selective;
  return () => {
    closed = false;
    // Somebody has put his own in its place: it stays, and calls ours, which lets everything through from now on.
    if (process.on !== selective) return;
    if (own) Object.defineProperty(process, 'on', own);
    else Reflect.deleteProperty(process, 'on');
  };
}

/** The active backend, where it is the JavaScript one, advertises tfjs-node at its first write; production mode, for that one write, keeps it quiet. */
export function greetQuietly(): void {
  const before = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  try {
    tf.dispose(tf.tensor1d([0]));
  } finally {
    tf.env().set('PROD', before);
  }
}
