/** Ways in which files come to harm: bits, sectors, lost and doubled pieces, cut ends. */
import type { Random } from './random.js';

export interface Damaged {
  bytes: Buffer;
  /** In words, for the finding. */
  how: string;
  /** Bytes that are not what they were, where none has moved; otherwise absent. */
  changed?: number;
}

export function damage(whole: Buffer, [from, to]: readonly [number, number], random: Random): Damaged {
  const bytes = Buffer.from(whole);
  const at = from + random.below(Math.max(1, to - from));
  const length = Math.min(to - at, 1 + random.below(random.pick([2, 16, 200])));
  switch (random.below(6)) {
    case 0: {
      const flips = 1 + random.below(3);
      for (let left = flips; left > 0; left -= 1) bytes[from + random.below(Math.max(1, to - from))]! ^= 1 << random.below(8);
      return { bytes, how: `${flips} bits flipped`, changed: flips };
    }
    case 1: random.bytes(length).copy(bytes, at); return { bytes, how: `${length} random bytes at ${at}`, changed: length };
    case 2: bytes.fill(random.pick([0, 255]), at, at + length); return { bytes, how: `${length} bytes wiped at ${at}`, changed: length };
    case 3: return { bytes: Buffer.concat([whole.subarray(0, at), whole.subarray(at + length)]), how: `${length} bytes lost at ${at}` };
    case 4: return { bytes: Buffer.concat([whole.subarray(0, at), random.bytes(length), whole.subarray(at)]), how: `${length} bytes put in at ${at}` };
    default: return { bytes: whole.subarray(0, at), how: `cut at ${at} of ${whole.length}` };
  }
}
