import { describe, expect, it } from '@jest/globals';
import { readingOf } from './reading.js';
import { checkSettings } from './settings.js';
import { csvColumns, splitUse } from './terminal/options.js';

describe('how data are to be read', () => {
  it('is the same in settings and on the command line', () => {
    const split = ['camera 1=train', 'b=c=validation', '0=ignore'].reduce((before, text) => splitUse(text, before), {});
    const settings = checkSettings({ split, csv: csvColumns('path=img,label=a|b,split=part,fold=7'), classFolders: 'inner' }, 'x');
    expect(readingOf(settings)).toEqual({
      split: { 'camera 1': 'train', 'b=c': 'val', 0: 'ignore' }, csv: { path: 'img', label: 'a|b', split: 'part', fold: '7' }, classFolders: 'inner',
    });
    expect(readingOf(checkSettings({ csv: { path: 2, label: 'breed' } }, 'x'))).toEqual({ csv: { path: '2', label: 'breed' } });
    expect(readingOf({ })).toBeUndefined();
  });

  it('takes columns with commas in their names', () => {
    expect(csvColumns('path=a, b,label=c')).toEqual({ path: 'a, b', label: 'c' });
  });

  it.each([
    [{ split: { a: 'trian' } }, 'split.a: '], [{ classFolders: 'top' }, 'classFolders: '], [{ csv: { image: 'a' } }, 'csv.image: '], [{ csv: { path: 0 } }, 'csv.path: '], [{ split: ['a'] }, 'split: '],
  ])('refuses %j', (settings, reason) => {
    expect(() => checkSettings(settings, 'cultivar.config.ts')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(reason) }));
  });

  it.each(['a', '=train', 'a='])('refuses --split %s', (text) => { expect(() => splitUse(text)).toThrow(/such as camera1=train/); });
  it.each(['img', 'path', 'path=', 'image=a', 'path=a,b'])('reads or refuses --csv %s', (text) => {
    if (text === 'path=a,b') expect(csvColumns(text)).toEqual({ path: 'a,b' });
    else expect(() => csvColumns(text)).toThrow(/It must name columns/);
  });
});
