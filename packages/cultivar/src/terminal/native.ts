import { install, remove, status } from '@cultivar/native';
import { listenForInterruption } from './interruption.js';
import { Terminal, type TerminalOptions } from './terminal.js';
import { duration } from './words.js';

interface InstallOptions extends TerminalOptions {
  gpu?: boolean;
  version?: string;
  wheel?: string;
  binding?: string;
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;

/** `cultivar native install`. */
export async function nativeInstall({ gpu, version, wheel, binding, ...options }: InstallOptions): Promise<number> {
  const terminal = new Terminal(options);
  const interruption = listenForInterruption((text) => terminal.tell(text));
  const began = performance.now();
  try {
    const installed = await install({ gpu, version, wheel, binding, logger: terminal.logger, progress: terminal.progress, signal: interruption.signal });
    const seconds = (performance.now() - began) / 1000;
    terminal.close();
    terminal.result({ ...installed, seconds }, () => [
      installed.fresh
        ? `TensorFlow ${installed.tensorflow}${installed.cuda ? ' with CUDA' : ''} is installed (${gigabytes(installed.bytes)}, ${duration(seconds)}) and trains: ${installed.folder}`
        : `TensorFlow ${installed.tensorflow} is installed already: ${installed.folder}`,
    ]);
    return 0;
  } finally {
    interruption.release();
    terminal.close();
  }
}

/** `cultivar native status`: 0 where it is installed, 1 where it is not. */
export async function nativeStatus(options: TerminalOptions): Promise<number> {
  const terminal = new Terminal(options);
  const { home, installed, broken } = await status();
  terminal.result({ installed: installed ?? null, broken, home }, () => {
    if (!installed) return ['Native TensorFlow is not installed. `npx cultivar native install` does it.'];
    if (broken) return [`The native TensorFlow in ${installed.folder} is not whole. \`npx cultivar native install\` mends it.`];
    return [
      `TensorFlow ${installed.tensorflow}${installed.cuda ? ' with CUDA' : ''} under tfjs-node ${installed.tfjs}, ${installed.platform}, ${gigabytes(installed.bytes)}`,
      `  ${installed.folder}`,
      `  from ${installed.wheel}, compiled by ${installed.compiler}, on ${installed.installed}`,
      ...(installed.cuda ? [`  with ${installed.cuda.map((wheel) => wheel.split('-').slice(0, 2).join(' ')).join(', ')}`] : []),
    ];
  });
  return installed && !broken ? 0 : 1;
}

/** `cultivar native remove`. */
export async function nativeRemove(options: TerminalOptions): Promise<number> {
  const terminal = new Terminal(options);
  const bytes = await remove();
  terminal.result({ removed: bytes }, () => [bytes > 0 ? `Removed: ${gigabytes(bytes)} freed.` : 'There was nothing to remove.']);
  return 0;
}
