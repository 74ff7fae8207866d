import type * as Runtime from 'onnxruntime-node';

/** Loads the native library, once. @throws where it has no build for this platform or the build does not load */
export async function loadRuntime(): Promise<typeof Runtime> {
  const module = (await import('onnxruntime-node')) as typeof Runtime & { default?: typeof Runtime };
  return module.default ?? module;
}
