import { failure } from '@cultivar/sdk';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, run } from './child-process.js';
import { quietSource } from './loader/quiet.js';
import type { Platform } from './platform.js';
import { operatorSources, type Sources } from './sources.js';

/** @throws CultivarError NATIVE_TOOL */
export async function findCompiler(environment: NodeJS.ProcessEnv, { compilers, compilerFrom }: Platform): Promise<string> {
  const chosen = environment['CXX'];
  const compiler = await findProgram(chosen ? [chosen] : compilers, environment);
  if (compiler) return compiler;
  throw failure('NATIVE_TOOL', { tool: `a C++ compiler (${chosen ?? compilers.slice(0, 2).join(' or ')})`, how: compilerFrom });
}

/** Its first line about itself. */
export async function compilerName(compiler: string): Promise<string> {
  return (await run(compiler, ['--version'])).stdout.split('\n')[0]!.trim();
}

export const bindingName = 'tfjs_binding.node';
export const quietName = 'quiet.node';
/** Operators of our own; `load.cjs` leaves them alone where the processor lacks the instructions that they are compiled to. */
export const operatorsName = 'operators.node';
/** All native modules of an installation. */
export const compiledNames: readonly string[] = [quietName, bindingName, operatorsName];
/** Version of Node's interface for native modules that the binding is compiled for; every Node from 16 on has it. */
export const nodeInterface = 8;

/** Vectors of eight on x64, which nearly all machines have; arm64 has its own by default. Rounding may differ by what is joined in one instruction. */
const vectorised = ['-O3', ...(process.arch === 'x64' ? ['-mavx2', '-mfma'] : []), '-ffp-contract=fast', '-fno-math-errno', '-fno-trapping-math', '-fvisibility=hidden', '-pthread'];

interface CompileOptions {
  platform: Platform;
  environment: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

/**
 * Compiles the native modules into `folder`, to find their libraries in `lib/` beside them, wherever the folder is moved.
 * @throws CultivarError NATIVE_COMPILE
 */
export async function compile(compiler: string, folder: string, sources: Sources, options: CompileOptions): Promise<void> {
  const quiet = join(folder, 'quiet.cc');
  await writeFile(quiet, quietSource);
  const headers = ['-I', sources.nodeHeaders];
  await build(compiler, folder, quietName, [...headers, quiet], options);
  const against = ['-I', join(folder, 'include'), ...headers];
  const linked = options.platform.libraries.map((name) => join(folder, 'lib', name));
  await build(compiler, folder, bindingName, [...against, join(sources.binding, 'tfjs_backend.cc'), join(sources.binding, 'tfjs_binding.cc'), ...linked], options);
  await build(compiler, folder, operatorsName, [...vectorised, ...against, ...(await operatorSources()), ...linked], options);
}

async function build(compiler: string, folder: string, name: string, words: string[], { platform, environment, signal }: CompileOptions): Promise<void> {
  const ended = await run(compiler, [
    '-std=c++17', '-O2', '-fPIC', '-w', `-DNAPI_VERSION=${nodeInterface}`, ...platform.linking, ...words, '-o', join(folder, name),
  ], { environment, signal });
  if (ended.code === 0) return;
  const reason = ended.stderr.split('\n').find((line) => /error/i.test(line)) ?? ended.stderr.trim().split('\n')[0] ?? `exit code ${ended.code}`;
  throw failure('NATIVE_COMPILE', { compiler, reason: reason.trim().replaceAll(`${folder}/`, '').slice(0, 300) });
}
