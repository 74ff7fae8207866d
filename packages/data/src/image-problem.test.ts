import { describe, expect, it } from '@jest/globals';
import { fileProblem } from './image-problem.js';

const system = (code: string) => Object.assign(new Error(`${code}: no`), { code, syscall: 'open', path: '/photos/a.jpg' });

describe('a file that cannot be read', () => {
  it('is set aside where that is its own fault', () => {
    expect(fileProblem(system('EACCES')).code).toBe('FILE_UNREADABLE');
    expect(fileProblem(new Error('VipsJpeg: out of order')).code).toBe('IMAGE_CORRUPT');
  });

  it('is not where the process may open no more: images would be missing from a training because a limit was low', () => {
    for (const error of [system('EMFILE'), system('ENFILE'), new Error('unable to open for read: system error: Too many open files')]) {
      expect(() => fileProblem(error)).toThrow(expect.objectContaining({ code: 'OPEN_FILES' }));
    }
  });
});
