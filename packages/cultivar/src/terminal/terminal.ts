import { silentProgress } from '@cultivar/kernel';
import type { Logger, Progress } from '@cultivar/sdk';
import { jsonLine, printable } from '@cultivar/sdk/internal';
import { BarProgress, LineProgress } from './progress.js';
import { bounded } from './words.js';

/** What the command line was asked for, whatever the command. */
export interface TerminalOptions {
  /** One machine-readable line on stdout. */
  json?: boolean;
  /** Only warnings and errors on stderr. */
  quiet?: boolean;
  /** Stack traces and everything that is logged. */
  debug?: boolean;
}

/**
 * Where words go. People read stderr: log, progress, errors. Results go to stdout: lines for people, or with `--json`
 * exactly one line for machines. This is the border: whatever is in a line, a label, a name of a file, a message of somebody else's, the terminal obeys
 * none of it, and it makes no second line.
 */
export class Terminal {
  readonly logger: Logger;
  readonly progress: Progress;
  private readonly bars?: BarProgress;

  constructor(
    readonly options: TerminalOptions,
    private readonly stdout: NodeJS.WritableStream = process.stdout,
    private readonly stderr: NodeJS.WriteStream = process.stderr,
  ) {
    if (options.quiet) this.progress = silentProgress;
    else if (stderr.isTTY) this.progress = this.bars = new BarProgress(stderr);
    else this.progress = new LineProgress((line) => this.tell(line));
    this.logger = {
      debug: (message) => {
        if (options.debug) this.tell(message);
      },
      info: (message) => this.say(message),
      warn: (message) => this.tell(`Warning: ${message}`),
    };
  }

  /** For people, on stderr, unless they asked for quiet. */
  say(text = ''): void {
    if (!this.options.quiet) this.tell(text);
  }

  /** One line for people, on stderr, quiet or not. */
  tell(text: string): void {
    if (this.bars) this.bars.line(bounded(text));
    else this.stderr.write(`${bounded(text)}\n`);
  }

  /** The result: `machine` as the one line of `--json`, else the lines for people; on stdout. */
  result(machine: unknown, people: () => readonly string[]): void {
    const text = this.options.json ? jsonLine(machine) : people().map(printable).join('\n');
    if (text) this.stdout.write(`${text}\n`);
  }

  /** Takes progress off the screen. */
  close(): void {
    this.bars?.close();
  }
}
