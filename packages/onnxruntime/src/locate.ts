import { isNonGlibcLinuxSync } from 'detect-libc';
import { createRequire } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import { platformPackage, platforms, runtimeVersion } from './platforms.js';

/** Where a runtime is. */
export interface RuntimeLocation {
  /** Name of the package, or the path or name that was asked for. */
  name: string;
  /** File that is loaded. */
  path: string;
}

/** What tells one machine from another. */
export interface Machine {
  platform: string;
  arch: string;
  /** Whether the C library is another than glibc: musl, on Alpine Linux. */
  musl: boolean;
}

/** Resolves what a module here would require. @throws Error with code MODULE_NOT_FOUND */
export type Resolve = (specifier: string) => string;

const thisMachine = (): Machine => ({ platform: process.platform, arch: process.arch, musl: process.platform === 'linux' && isNonGlibcLinuxSync() });

function attempt(find: Resolve, specifier: string): string | undefined {
  try {
    return find(specifier);
  } catch (error) {
    if ((error as { code?: string }).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** An `onnxruntime-node` of the user's own: a path, or a package name seen from the working folder. */
function ownRuntime(wanted: string): RuntimeLocation {
  const isPath = isAbsolute(wanted) || wanted.startsWith('.') || wanted.includes('\\');
  const path = attempt(createRequire(resolve('package.json')).resolve, isPath ? resolve(wanted) : wanted);
  if (path === undefined) throw new Error(`no onnxruntime-node at ${wanted}${isPath ? '' : `, seen from ${process.cwd()}`}`);
  return { name: wanted, path };
}

/** Why there is no package for a machine, in one sentence; undefined where there is one. */
export function unsupported({ platform, arch, musl }: Machine): string | undefined {
  if (musl) return `ONNX Runtime has no build for Linux without glibc (Alpine Linux has musl); it has for ${platforms.join(', ')}`;
  return platforms.some((one) => one === `${platform}-${arch}`) ? undefined : `ONNX Runtime has no build for ${platform} ${arch}; it has for ${platforms.join(', ')}`;
}

/**
 * Finds the runtime: the one that is asked for, else the package of this platform, else an `onnxruntime-node` that is installed anyway
 * (in a clone of the repository, by its lock file).
 * @param wanted path or package name of an `onnxruntime-node` of the user's own
 * @throws Error, one sentence that says what to do, where there is none
 */
export function locateRuntime(wanted?: string, machine: Machine = thisMachine(), find: Resolve = createRequire(import.meta.url).resolve): RuntimeLocation {
  if (wanted) return ownRuntime(wanted);
  const problem = unsupported(machine);
  if (problem !== undefined) throw new Error(problem);
  const name = platformPackage(machine);
  for (const candidate of [name, 'onnxruntime-node']) {
    const path = attempt(find, candidate);
    if (path !== undefined) return { name: candidate, path };
  }
  throw new Error(`${name} is not installed (npm leaves it out with --omit=optional, or by a lock file of another platform): npm install ${name}@${runtimeVersion}`);
}
