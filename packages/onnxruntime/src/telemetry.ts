import { runInThisContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/** ONNX Runtime reads it when its environment is made, once in a process; `1`, `true`, `yes` and `on` are understood. */
const variable = 'ORT_DISABLE_TELEMETRY';

/** Evaluates an expression where `process.env` is the environment of the process itself. */
type Evaluate = (expression: string) => Promise<unknown>;

/** A test runner hands its tests a copy of `process`, and what is written to a copy never reaches the native library. */
const here: Evaluate = async (expression) => runInThisContext(expression) as unknown;

/** How long a main thread may take to answer: one that sleeps until its worker is done never does. */
const patience = 2000;

/** A worker's `process.env` is a copy as well; only the main thread can write the real one. @throws where it cannot be asked */
const inMainThread: Evaluate = async (expression) => {
  const { Session } = await import('node:inspector');
  const session = new Session();
  let timer: NodeJS.Timeout | undefined;
  try {
    session.connectToMainThread();
    return await new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(new Error('the main thread does not answer')), patience);
      session.post('Runtime.evaluate', { expression, returnByValue: true }, (error, answer) => {
        const problem = error?.message ?? answer?.exceptionDetails?.text;
        if (problem === undefined) resolve(answer.result.value);
        else reject(new Error(problem));
      });
    });
  } finally {
    clearTimeout(timer);
    session.disconnect();
  }
};

/**
 * Starts ONNX Runtime with its telemetry off: since 1.29 it otherwise writes an identifier and a database under the user's home and sends
 * what happened. Who has set the variable himself has chosen, and nothing is changed; else it is set while `start` runs and then taken away again.
 * @param start makes the runtime's environment
 * @throws Error in a worker thread that cannot reach the environment of its process, rather than start with telemetry on
 */
export async function withoutTelemetry<T>(start: () => Promise<T>, evaluate: Evaluate = isMainThread ? here : inMainThread): Promise<T> {
  const value = JSON.stringify(process.env[variable] || '1');
  let before: unknown;
  try {
    before = await evaluate(`(() => { const { env } = process; const before = env.${variable} ?? null; if (!before) env.${variable} = ${value}; return before; })()`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the telemetry of ONNX Runtime cannot be switched off from this worker thread (${reason}): set ${variable}=1 before Node starts, or load Cultivar in the main thread first`, { cause: error });
  }
  try {
    return await start();
  } finally {
    if (before === null) await evaluate(`delete process.env.${variable}`);
    else if (before === '') await evaluate(`process.env.${variable} = ''`);
  }
}
