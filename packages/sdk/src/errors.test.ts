import { describe, expect, it } from '@jest/globals';
import { errorCatalogue, failure, isCultivarError, type ErrorEntry } from './errors.js';

describe('error catalogue', () => {
  it.each(Object.entries(errorCatalogue as Record<string, ErrorEntry>))('%s is one sentence with a mend', (code, entry) => {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
    expect(entry.what).toMatch(/\.$/);
    expect(entry.mend).toMatch(/[.]$/);
  });

  it('names commands as they can be typed after `npm install cultivar`', () => {
    for (const { what, mend } of Object.values(errorCatalogue)) expect(`${what} ${mend}`).not.toMatch(/(?<!npx )cultivar (?=[a-z-])(?!that)/);
  });

  it('fills the places in', () => {
    const error = failure('DATA_ONE_CLASS', { path: 'photos', label: 'cats', tables: '' });
    expect(error.message).toBe('All images in photos are of one class, cats.');
    expect(error.exit).toBe(2);
    expect(isCultivarError(error)).toBe(true);
  });

  it('keeps the cause', () => {
    const cause = new Error('disk');
    expect(failure('OUTPUT_WRITE', { path: 'out', reason: 'full' }, cause).cause).toBe(cause);
  });
});
