import { failure, isCultivarError, type CultivarError } from '@cultivar/sdk';
import { isSystemError, printable, systemFailure } from '@cultivar/sdk/internal';
import { CommanderError } from 'commander';
import { bounded } from './words.js';

/** An error as the command line tells it. */
export interface ToldError {
  code: string;
  message: string;
  mend: string;
  exit: 1 | 2;
}

/** Turns whatever was thrown into one sentence, what to do, a code and the exit code. */
export function told(error: unknown): ToldError {
  if (isCultivarError(error)) return { code: error.code, message: error.message, mend: error.mend, exit: error.exit };
  if (error instanceof CommanderError) return told(usage(error));
  if (isSystemError(error)) return told(systemFailure(error));
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === 'AbortError') return { code: 'RUN_ABORTED', message: 'The command was stopped.', mend: 'Run it again.', exit: 1 };
  return {
    code: 'UNEXPECTED',
    message: `Something went wrong that should not: ${message.split('\n')[0] ?? ''}`,
    mend: 'Run the command again with --debug and report what it prints.',
    exit: 1,
  };
}

/** commander's own complaints, in the same form as ours. */
function usage(error: CommanderError): CultivarError {
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const hint = rest.join(' ').replace(/^\(|\)$/g, '').trim();
  const reason = `${first.charAt(0).toUpperCase()}${first.slice(1)}`.replace(/\.$/, '');
  return failure('COMMAND_INVALID', { reason: hint ? `${reason} (${hint.replace(/^D/, 'd')})` : reason });
}

/** Lines for stderr, to be made printable one by one. */
export function errorLines(error: unknown, debug: boolean): string[] {
  const { code, message, mend } = told(error);
  const lines = [bounded(`Error: ${message}`), `  ${bounded(mend)} [${code}]`];
  if (debug && error instanceof Error) {
    lines.push(...stackLines(error));
    for (let cause = error.cause, depth = 0; cause instanceof Error && depth < 20; cause = cause.cause, depth += 1) {
      const [first = '', ...rest] = stackLines(cause);
      lines.push(`Caused by: ${first}`, ...rest);
    }
  }
  return lines;
}

/** The message, which may hold lines of somebody else's, is one line. */
function stackLines({ stack, message }: Error): string[] {
  return stack === undefined ? [message] : stack.replace(message, () => printable(message)).split('\n');
}
