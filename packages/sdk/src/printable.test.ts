import { describe, expect, it } from '@jest/globals';
import { jsonLine, printable, printableXml } from './printable.js';

/** All code points. */
const everything = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code));
const ranges = [[0, 0x1f], [0x7f, 0x9f], [0x61c, 0x61c], [0x200b, 0x200b], [0x200e, 0x200f], [0x2028, 0x202e], [0x2060, 0x206f], [0xfeff, 0xfeff], [0xfff9, 0xfffb], [0xe0000, 0xe007f]] as const;
const obeyed = (text: string) => [...text].some((character) => ranges.some(([from, to]) => character.codePointAt(0)! >= from && character.codePointAt(0)! <= to));

describe('texts of others', () => {
  it('hold nothing that a terminal obeys, whatever they held', () => {
    expect(everything.filter((character) => obeyed(printable(character)))).toEqual([]);
    expect(everything.filter((character) => /^\p{Cs}$/u.test(printable(character)))).toEqual([]);
  });

  it('keep letters of all scripts, emoji and what joins them', () => {
    for (const text of ['Ahorn', 'Érable à sucre', 'کتاب\u200cها', '楓', 'ひまわり', 'ไทย', '👩‍🔬', '🏳️‍🌈', 'e\u0301', 'C:\\photos', '<script>', ']]>', '"', "'", '']) expect(printable(text)).toBe(text);
    expect(everything.filter((character) => /[\p{L}\p{N}\p{P}\p{S}\p{M} ]/u.test(character) && printable(character) !== character)).toEqual(['\u115f', '\u1160', '\u17b4', '\u17b5', '\u3164', '\uffa0']);
  });

  it('show what they held', () => {
    expect(printable('a\x1b[2Jb\nError: c\r\t\x9b\u202egnp\u2028\u{e0041}\0')).toBe('a\\x1b[2Jb\\nError: c\\r\\t\\x9b\\u202egnp\\u2028\\u{e0041}\\x00');
    expect(printable('\ud83d')).toBe('\\ud83d');
    const once = printable(everything.join(''));
    expect(printable(once)).toBe(once);
  });

  it('in XML keep its lines, in JSON their meaning', () => {
    expect(printableXml('<a>\n\t\x00\x1b</a>\n')).toBe('<a>\n\t\\x00\\x1b</a>\n');
    const value = { [everything.join('')]: everything.join(''), list: ['\u2028', '\x9b', null, 1.5] };
    const line = jsonLine(value);
    expect(JSON.parse(line)).toEqual(value);
    expect(obeyed(line)).toBe(false);
  });
});
