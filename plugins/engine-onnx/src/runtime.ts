import type * as Runtime from 'onnxruntime-node';
import { withoutTelemetry } from './telemetry.js';

/** The smallest network there is, y = x: opening it makes the runtime's environment. */
const identity = Buffer.from('CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCAhAN', 'base64');

let loaded: Promise<typeof Runtime> | undefined;

async function start(): Promise<typeof Runtime> {
  const module = (await import('onnxruntime-node')) as typeof Runtime & { default?: typeof Runtime };
  const runtime = module.default ?? module;
  const session = await runtime.InferenceSession.create(identity, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
  await session.release();
  return runtime;
}

/** Loads and starts the native library, once, with its telemetry off. @throws where it has no build for this platform or the build does not load */
export function loadRuntime(): Promise<typeof Runtime> {
  loaded ??= withoutTelemetry(start).catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}
