import { describe, expect, it } from '@jest/globals';
import { parseReference } from './reference.js';
import { written } from './written.js';

describe('a contribution as it is written', () => {
  it.each([
    ['adam', { name: 'adam' }],
    ['crop:scale=[0.6;1],square=true', { name: 'crop', scale: [0.6, 1], square: true }],
    ['layers-model:path="a, b",note=\'say "no"\',mode=fast,version="1.0",flag="true"', { name: 'layers-model', path: 'a, b', note: 'say "no"', mode: 'fast', version: '1.0', flag: 'true' }],
    ['polyak:of=adam,decay=1e-7', { name: 'polyak', of: 'adam', decay: 1e-7 }],
  ])('%s is read as what it was', (text, reference) => {
    expect(written(reference)).toBe(text);
    expect(parseReference(text)).toEqual(reference);
  });
});
