import { createRequire } from 'node:module';
import { locateRuntime } from './locate.js';
import type { Runtime } from './runtime.js';
import { withoutTelemetry } from './telemetry.js';

/** Path or package name of an `onnxruntime-node` of the user's own, where no option says otherwise. */
export const runtimeVariable = 'CULTIVAR_ONNXRUNTIME';

/** The smallest network there is, y = x: opening it makes the runtime's environment. */
const identity = Buffer.from('CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCAhAN', 'base64');

let loaded: { name: string; path: string; runtime: Promise<Runtime> } | undefined;

/** Runs the module. @throws Error, one sentence, where its libraries do not load */
function required(name: string, path: string): Partial<Runtime> {
  try {
    return createRequire(import.meta.url)(path) as Partial<Runtime>;
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
    // The loader of Linux takes the library that has the name already; only the version of its symbols tells that it is another one.
    const other = /VERS_/.test(reason) ? `; the program has loaded an onnxruntime-node of its own before, which ${runtimeVariable} can name` : '';
    throw new Error(`${name} cannot be loaded on ${process.platform} ${process.arch} (${reason}${other})`, { cause: error });
  }
}

async function start(name: string, path: string): Promise<Runtime> {
  const runtime = required(name, path);
  if (!runtime.InferenceSession || !runtime.listSupportedBackends) throw new Error(`${name} is no onnxruntime-node`);
  const session = await runtime.InferenceSession.create(identity, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
  await session.release();
  return runtime as Runtime;
}

/**
 * Loads and starts ONNX Runtime, once in a process, with its telemetry off (see {@link withoutTelemetry}).
 * @param wanted path or package name of an `onnxruntime-node` of the user's own; default: what CULTIVAR_ONNXRUNTIME names, else what is
 * loaded already, else the package of this platform
 * @throws Error, one sentence, where there is no runtime, where it does not load, or where another one is loaded already
 */
export async function loadRuntime(wanted: string | undefined = process.env[runtimeVariable]): Promise<Runtime> {
  if (loaded && !wanted) return loaded.runtime;
  const { name, path } = locateRuntime(wanted);
  if (loaded && loaded.path !== path) throw new Error(`the ONNX Runtime of ${loaded.name} is in use already, and a process can hold only one; ${name} was asked for (${runtimeVariable}=${name} takes it from the start)`);
  if (!loaded) {
    const runtime = withoutTelemetry(() => start(name, path));
    loaded = { name, path, runtime };
    runtime.catch(() => { loaded = undefined; });
  }
  return loaded.runtime;
}

/** Where the runtime in use comes from: a package's name, or the path that was asked for; undefined before one is loaded. */
export function runtimeInUse(): string | undefined {
  return loaded?.name;
}
