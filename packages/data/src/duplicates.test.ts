import { describe, expect, it } from '@jest/globals';
import type { Sample, Split } from './dataset.js';
import { dropDuplicates } from './duplicates.js';

const sample = (name: string, hash: string, label = 0, split?: Split): Sample => (
  { path: `/${name}`, name, label, ...(split && { split }), hash, width: 1, height: 1, format: 'png' });
const classes = ['ant', 'bee'];

describe('dropDuplicates', () => {
  it('keeps the first of a class', () => {
    const found = dropDuplicates([sample('a', '1'), sample('b', '2'), sample('c', '1'), sample('d', '1')], classes);
    expect(found.samples.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(found.setAside).toEqual([]);
    expect(found.duplicates).toEqual([
      { kept: 'a', dropped: 'c', acrossSplit: false, conflicting: false }, { kept: 'a', dropped: 'd', acrossSplit: false, conflicting: false }]);
  });

  it('keeps what is evaluated on: test before val before train', () => {
    const found = dropDuplicates([sample('a', '1', 0, 'train'), sample('b', '1', 0, 'val'), sample('c', '1', 0, 'test'), sample('d', '2', 0, 'train'), sample('e', '2', 0, 'val')], classes);
    expect(found.samples.map(({ name }) => name)).toEqual(['c', 'e']);
    expect(found.duplicates.every(({ acrossSplit, conflicting }) => acrossSplit && !conflicting)).toBe(true);
  });

  it('sets all aside where labels conflict, and says with which', () => {
    const found = dropDuplicates([sample('a', '1', 0), sample('b', '1', 1), sample('c', '1', 0), sample('d', '2', 1)], classes);
    expect(found.samples.map(({ name }) => name)).toEqual(['d']);
    expect(found.setAside).toEqual([
      { path: 'a', code: 'LABEL_CONFLICT', reason: 'the same image is labelled bee as b' },
      { path: 'b', code: 'LABEL_CONFLICT', reason: 'the same image is labelled ant as a' },
      { path: 'c', code: 'LABEL_CONFLICT', reason: 'the same image is labelled bee as b' }]);
    expect(found.duplicates).toContainEqual({ dropped: 'a', acrossSplit: false, conflicting: true });
  });
});
