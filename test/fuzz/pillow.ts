/** Pillow as a second opinion, where FUZZ_PILLOW names a Python that has it. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Opinion {
  refused?: string;
  mode?: string;
  width?: number;
  height?: number;
  /** [height, width, 3], over white. */
  pixels?: Uint8Array;
}

export class Pillow {
  private readonly program: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private readonly reader: Interface;

  constructor(python: string) {
    this.program = spawn(python, [fileURLToPath(new URL('./pillow.py', import.meta.url))]);
    this.reader = createInterface(this.program.stdout);
    this.lines = this.reader[Symbol.asyncIterator]();
  }

  async look(path: string): Promise<Opinion> {
    this.program.stdin.write(`${path}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error('Pillow has ended');
    const { pixels, ...rest } = JSON.parse(value) as Omit<Opinion, 'pixels'> & { pixels?: string };
    return { ...rest, ...(pixels !== undefined && { pixels: Buffer.from(pixels, 'base64') }) };
  }

  end(): void {
    this.reader.close();
    this.program.stdin.end();
  }
}
