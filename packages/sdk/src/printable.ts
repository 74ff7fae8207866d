/**
 * Characters that a terminal obeys, or that nobody sees: controls (C0, DEL, C1), line and paragraph separators, those that change the direction of
 * writing, other format characters and what Unicode lets one ignore, halves of surrogate pairs, private use, and two that are none. Joiners and
 * selectors of variants, which are in emoji and in some scripts, are not among them.
 */
const unprintable = /(?!\p{Join_Control}|\p{Variation_Selector}|\u034f)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\ufffe\uffff]/gu;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  const digits = code.toString(16);
  return short[character] ?? (code < 0x100 ? `\\x${digits.padStart(2, '0')}` : code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`);
}

/**
 * A text of somebody else's (a label, a name of a file, a message with either in it) as it may be written on a terminal, into one line: what would be
 * obeyed is shown as `\x1b`, `\n`, `\u202e`. What is printable already stays as it is, so that it may be done twice.
 */
export function printable(text: string): string {
  return text.replace(unprintable, escaped);
}

/** As {@link printable}, of a document in XML: its own lines and tabs stay. */
export function printableXml(text: string): string {
  return text.replace(unprintable, (character) => (character === '\n' || character === '\t' ? character : escaped(character)));
}

/** A value as one line of JSON, whose texts hold nothing that a terminal obeys. They are the same texts when read back. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(unprintable, (character) => Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''));
}
