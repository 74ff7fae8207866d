/** Whether the first frame of a GIF holds as many pixels as it says: decoders fill what is missing with black, and go on. After GIF89a (1990). */
import { ImageProblem, truncated } from './image-problem.js';
import { walkLzw } from './lzw.js';

/** @throws ImageProblem */
export function checkFirstFrame(bytes: Buffer): void {
  let at = 13 + colorTableBytes(bytes[10] ?? 0);
  while (at < bytes.length && bytes[at] === 0x21) at = subBlocks(bytes, at + 2).end;
  if (at + 10 >= bytes.length) throw truncated();
  if (bytes[at] !== 0x2c) throw damaged('no frame stands where its first one should');
  const pixels = bytes.readUInt16LE(at + 5) * bytes.readUInt16LE(at + 7);
  if (pixels === 0) throw damaged('its first frame has no pixels');
  at += 10 + colorTableBytes(bytes[at + 9]!);
  const valueBits = bytes[at];
  if (valueBits === undefined) throw truncated();
  if (valueBits < 1 || valueBits > 8) throw damaged('the codes of its first frame have no width');
  const { blocks } = subBlocks(bytes, at + 1);
  const walk = walkLzw(Buffer.concat(blocks), { valueBits, mostSignificantFirst: false }, pixels);
  if (walk.stopped === 'wrong') throw damaged('a code of its first frame stands for nothing');
  if (walk.values !== pixels) throw damaged(`its first frame holds ${walk.values > pixels ? 'more' : 'fewer'} pixels than it should`);
}

function damaged(how: string): ImageProblem {
  return new ImageProblem('IMAGE_CORRUPT', `it is damaged: ${how}`);
}

/** Bytes of the color table that a flag byte announces. */
export function colorTableBytes(flags: number): number {
  return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
}

function subBlocks(bytes: Buffer, start: number): { blocks: Buffer[]; end: number } {
  const blocks: Buffer[] = [];
  let at = start;
  while (at < bytes.length && bytes[at] !== 0) {
    blocks.push(bytes.subarray(at + 1, at + 1 + bytes[at]!));
    at += bytes[at]! + 1;
  }
  return { blocks, end: at + 1 };
}
