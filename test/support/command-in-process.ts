/** The command line without a process of its own, which takes a second to start. One at a time: it is the streams and the folder of this one that it uses. */
import { run } from '../../packages/cultivar/dist/terminal/program.js';
import type { Outcome } from './command.js';

/** Runs `cultivar WORDS...` in a folder to its end. */
export async function cultivarHere(words: string[], folder: string): Promise<Pick<Outcome, 'code' | 'stdout' | 'stderr'>> {
  const before = process.cwd();
  const written = { stdout: '', stderr: '' };
  const writes = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    const own = Object.getOwnPropertyDescriptor(stream, 'write');
    stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
      written[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      const told = rest.at(-1);
      if (typeof told === 'function') told();
      return true;
    }) as typeof stream.write;
    return () => {
      if (own) Object.defineProperty(stream, 'write', own);
      else Reflect.deleteProperty(stream, 'write');
    };
  });
  process.chdir(folder);
  try {
    return { code: await run(words), ...written };
  } finally {
    process.chdir(before);
    for (const restore of writes) restore();
  }
}
