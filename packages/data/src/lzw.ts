/**
 * Walks through LZW codes without writing the values out: damage shows in a code that cannot be, or in a number of values that is not that of the image.
 * GIF: least significant bit first. TIFF: most significant first, and codes grow one earlier.
 */
export interface LzwKind {
  /** Bits of a value: 2..8 in GIF, 8 in TIFF. */
  valueBits: number;
  mostSignificantFirst: boolean;
}

export interface LzwWalk {
  /** Values that the codes stand for. */
  values: number;
  /** `end`: the end code; `data`: no bits were left; `wrong`: a code that stands for nothing yet. */
  stopped: 'end' | 'data' | 'wrong';
}

const mostCodes = 4096;

/** @param most stops once there are more values than this */
export function walkLzw(data: Uint8Array, { valueBits, mostSignificantFirst }: LzwKind, most: number): LzwWalk {
  const clear = 1 << valueBits;
  const lengths = new Uint32Array(mostCodes).fill(1, 0, clear);
  const early = mostSignificantFirst ? 1 : 0;
  let [next, size, previous, values] = [clear + 2, valueBits + 1, -1, 0];
  let [buffer, held, at] = [0, 0, 0];
  while (values <= most) {
    while (held < size) {
      if (at >= data.length) return { values, stopped: 'data' };
      if (mostSignificantFirst) buffer = ((buffer << 8) | data[at]!) & 0xffffff;
      else buffer |= data[at]! << held;
      at += 1;
      held += 8;
    }
    held -= size;
    const code = mostSignificantFirst ? (buffer >>> held) & ((1 << size) - 1) : buffer & ((1 << size) - 1);
    if (!mostSignificantFirst) buffer >>>= size;
    if (code === clear) {
      [next, size, previous] = [clear + 2, valueBits + 1, -1];
      continue;
    }
    if (code === clear + 1) return { values, stopped: 'end' };
    // Behind a clear code stands a plain value; from then on each code names an entry that is there, or the one that it makes.
    if (previous < 0 ? code >= clear : code > next || (code === next && next >= mostCodes)) return { values, stopped: 'wrong' };
    if (previous >= 0 && next < mostCodes) {
      lengths[next] = lengths[previous]! + 1;
      next += 1;
      if (next + early >= 1 << size && size < 12) size += 1;
    }
    values += lengths[code]!;
    previous = code;
  }
  return { values, stopped: 'data' };
}
