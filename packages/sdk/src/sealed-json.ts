import { createHash } from 'node:crypto';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** One line of JSON that carries its own checksum. @param content what JSON cannot say is lost or null, as it has it */
export function sealJson(content: object): string {
  const text = JSON.stringify(content);
  return `${text.slice(0, -1)}${text === '{}' ? '' : ','}"sha256":"${sha256(text)}"}`;
}

/** @returns what was sealed; undefined where a single character is not as it was written */
export function openSealedJson<Content>(line: string, reviver?: (key: string, value: unknown) => unknown): Content | undefined {
  const seal = /,?"sha256":"([0-9a-f]{64})"\}$/.exec(line);
  if (!seal) return undefined;
  const text = `${line.slice(0, seal.index)}}`;
  return sha256(text) === seal[1] ? (JSON.parse(text, reviver) as Content) : undefined;
}
