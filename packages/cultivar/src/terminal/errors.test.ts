import { describe, expect, it } from '@jest/globals';
import { failure } from '@cultivar/sdk';
import { buildProgram } from './program.js';
import { errorLines, told } from './errors.js';

const parse = async (...words: string[]) => {
  try {
    await buildProgram({ train: async () => 0 }, () => {}).parseAsync(words, { from: 'user' });
  } catch (error) {
    return told(error);
  }
  return undefined;
};

describe('errors on the command line', () => {
  it('are one sentence, what to do, and a code', () => {
    const error = failure('DATA_ONE_CLASS', { path: 'photos', label: 'cats', tables: '' });
    expect(errorLines(error, false)).toEqual([
      'Error: All images in photos are of one class, cats.',
      '  Classification needs two or more classes: one folder each, or two or more labels in a CSV file. [DATA_ONE_CLASS]',
    ]);
  });

  it('show a stack only for --debug', () => {
    expect(errorLines(new TypeError('x is undefined'), false).join('\n')).not.toMatch(/\n\s+at /);
    expect(errorLines(new TypeError('x is undefined'), true).join('\n')).toMatch(/\n\s+at /);
    expect(told(new TypeError('x is undefined'))).toMatchObject({ code: 'UNEXPECTED', exit: 1 });
  });

  it('a full disk is the user\'s to mend', () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', path: '/out/weights.bin' });
    expect(told(error)).toMatchObject({ code: 'OUTPUT_WRITE', exit: 1, message: '/out/weights.bin cannot be written (no space is left on the disk).' });
  });

  it('of usage are like the others', async () => {
    expect(await parse('train', 'photos', '--epoch', '3')).toEqual({
      code: 'COMMAND_INVALID', exit: 2, mend: 'See `npx cultivar --help`.', message: "Unknown option '--epoch' (did you mean --epochs?).",
    });
    expect(await parse('trian')).toMatchObject({ code: 'COMMAND_INVALID', exit: 2 });
    expect(await parse('train', 'photos', '--epochs', 'many')).toMatchObject({ code: 'COMMAND_INVALID', exit: 2, message: expect.stringContaining('must be a number') });
    expect(await parse('train', 'photos', 'more')).toMatchObject({ code: 'COMMAND_INVALID', exit: 2 });
  });

  it('do not arise where all is well', async () => {
    expect(await parse('train', 'photos', '--seed', '3', '--augment', 'flip', '--augment', 'crop:least=0.5')).toBeUndefined();
  });
});
