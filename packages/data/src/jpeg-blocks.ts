/**
 * Walks through the codes of a JPEG in one pass and without making a picture. The decoder takes whatever stands in damaged data for picture as long as its
 * codes exist; here a block may not have more than 64 coefficients, and none beyond what eight-bit pixels can come to. After ITU-T T.81 (1992), annex F.
 */
import { ImageProblem } from './image-problem.js';

/** Bytes of a file beyond which the walk through its codes would cost more than it finds: it takes some seven milliseconds a megabyte. */
export const mostWalked = 2 ** 20;
/** Pixels of -128..127 make a mean of -1024..1016 and waves of 1024 at most; encoders that ring go beyond with waves, and with a mean by its rounding alone. */
const [mostMean, mostWave] = [1056, 1300];

interface Component {
  id: number;
  across: number;
  down: number;
  quantizer: number;
}

interface Frame {
  width: number;
  height: number;
  components: Component[];
}

/** Codes of up to nine bits are looked up, longer ones counted out. */
const shortBits = 9;

interface CodeTable {
  /** By the next nine bits: the length of the code times 256 plus its symbol; 0: a longer code, or none. */
  short: Uint16Array;
  /** By length: the first code that is longer, in 16 bits; and what a code's place among the symbols is counted from. */
  ends: Int32Array;
  firsts: Int32Array;
  symbols: Buffer;
}

/**
 * Progressive files are left to the decoder, which notices more of what is wrong in them.
 * @throws ImageProblem where the codes cannot be those of a picture
 */
export function checkBlocks(bytes: Buffer): void {
  const quantizers = new Map<number, Uint16Array>();
  const tables = new Map<number, CodeTable>();
  let frame: Frame | undefined;
  let interval = 0;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) return;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) { at += 1; continue; }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) { at += 2; continue; }
    if (marker === 0xd9) return;
    const length = bytes.readUInt16BE(at + 2);
    const segment = bytes.subarray(at + 4, at + 2 + length);
    at += 2 + length;
    if (at > bytes.length) return;
    if (marker === 0xdb) readQuantizers(segment, quantizers);
    else if (marker === 0xc4) readTables(segment, tables);
    else if (marker === 0xdd) interval = segment.length >= 2 ? segment.readUInt16BE(0) : 0;
    else if (marker === 0xc0 || marker === 0xc1) frame = readFrame(segment);
    else if (marker > 0xc1 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc) return;
    else if (marker === 0xda) {
      if (!frame) return;
      checkScanHeader(segment);
      if (bytes.length > mostWalked) return;
      const scan = scanOf(segment, frame, quantizers, tables);
      if (!scan) return;
      const end = walkScan(bytes, at, scan, interval);
      if (end === undefined) return;
      at = end;
    }
  }
}

/** A scan of a file in one pass has all 64 coefficients whole: 0, 63, 0. Some encoders leave the three bytes zero. */
function checkScanHeader(segment: Buffer): void {
  const [first, last, bits] = segment.subarray(1 + 2 * (segment[0] ?? 0));
  if (first !== 0 || bits !== 0 || (last !== 63 && last !== 0)) throw damaged();
}

function readQuantizers(segment: Buffer, quantizers: Map<number, Uint16Array>): void {
  for (let at = 0; at < segment.length;) {
    const [wide, id] = [segment[at]! >> 4, segment[at]! & 15];
    const step = wide ? 2 : 1;
    if (at + 1 + 64 * step > segment.length) return;
    quantizers.set(id, Uint16Array.from({ length: 64 }, (_, index) => (wide ? segment.readUInt16BE(at + 1 + 2 * index) : segment[at + 1 + index]!)));
    at += 1 + 64 * step;
  }
}

function readTables(segment: Buffer, tables: Map<number, CodeTable>): void {
  for (let at = 0; at + 17 <= segment.length;) {
    const id = segment[at]!;
    const counts = segment.subarray(at + 1, at + 17);
    const table: CodeTable = { short: new Uint16Array(1 << shortBits), ends: new Int32Array(17), firsts: new Int32Array(17), symbols: segment.subarray(at + 17) };
    let [code, symbol] = [0, 0];
    for (let length = 1; length <= 16; length += 1, code <<= 1) {
      table.firsts[length] = symbol - code;
      for (let left = counts[length - 1]!; left > 0; left -= 1, code += 1, symbol += 1) {
        if (length <= shortBits) table.short.fill((length << 8) | (table.symbols[symbol] ?? 0), code << (shortBits - length), (code + 1) << (shortBits - length));
      }
      table.ends[length] = code << (16 - length);
    }
    tables.set(id, table);
    at += 17 + symbol;
  }
}

function readFrame(segment: Buffer): Frame | undefined {
  const count = segment[5] ?? 0;
  if (segment.length < 6 + 3 * count || count === 0) return undefined;
  const components = Array.from({ length: count }, (_, index) => {
    const at = 6 + 3 * index;
    return { id: segment[at]!, across: segment[at + 1]! >> 4, down: segment[at + 1]! & 15, quantizer: segment[at + 2]! };
  });
  return { height: segment.readUInt16BE(1), width: segment.readUInt16BE(3), components };
}

interface BlockKind {
  mean: CodeTable;
  wave: CodeTable;
  meanStep: number;
  /** Of each place in zigzag order: bits of the largest coefficient that there can be. */
  mostBits: Uint8Array;
  /** Running mean. */
  previous: number;
}

interface Scan {
  /** The blocks of a unit, in their order; a component with several has one entry, several times. */
  blocks: BlockKind[];
  kinds: BlockKind[];
  units: number;
}

function scanOf(segment: Buffer, frame: Frame, quantizers: ReadonlyMap<number, Uint16Array>, tables: ReadonlyMap<number, CodeTable>): Scan | undefined {
  const count = segment[0] ?? 0;
  if (segment.length < 1 + 2 * count || frame.height === 0) return undefined;
  const [acrossMost, downMost] = [Math.max(...frame.components.map(({ across }) => across)), Math.max(...frame.components.map(({ down }) => down))];
  const kinds: BlockKind[] = [];
  const blocks: BlockKind[] = [];
  let units = Math.ceil(frame.width / (8 * acrossMost)) * Math.ceil(frame.height / (8 * downMost));
  for (let index = 0; index < count; index += 1) {
    const component = frame.components.find(({ id }) => id === segment[1 + 2 * index]);
    const chosen = segment[2 + 2 * index]!;
    const steps = component && quantizers.get(component.quantizer);
    const [mean, wave] = [tables.get(chosen >> 4), tables.get(16 | (chosen & 15))];
    if (!component || !steps || !mean || !wave || component.across === 0 || component.down === 0) return undefined;
    const mostBits = Uint8Array.from(steps, (step) => (step === 0 ? 16 : Math.floor(Math.log2((mostWave + step) / step)) + 1));
    const kind = { mean, wave, meanStep: steps[0]!, mostBits, previous: 0 };
    kinds.push(kind);
    if (count === 1) units = Math.ceil(Math.ceil((frame.width * component.across) / acrossMost) / 8) * Math.ceil(Math.ceil((frame.height * component.down) / downMost) / 8);
    for (let block = count === 1 ? 1 : component.across * component.down; block > 0; block -= 1) blocks.push(kind);
  }
  return { blocks, kinds, units };
}

/** @returns where the next marker stands; undefined where the data end before the image does, which the decoder will say */
function walkScan(bytes: Buffer, start: number, { blocks, kinds, units }: Scan, interval: number): number | undefined {
  let at = start;
  for (let unit = 0; unit < units;) {
    const end = markerAfter(bytes, at);
    const data = withoutStuffing(bytes.subarray(at, end));
    const count = interval > 0 ? Math.min(interval, units - unit) : units;
    for (const kind of kinds) kind.previous = 0;
    const used = walkUnits(data, blocks, count);
    if (used === undefined) return undefined;
    checkRest(data.subarray(used));
    unit += count;
    at = end;
    if (unit < units) {
      if (!(bytes[at + 1]! >= 0xd0 && bytes[at + 1]! <= 0xd7)) return undefined;
      at += 2;
    }
  }
  return at;
}

/** What is left behind the last block is nothing, or filling; damaged data end too early or too late. */
function checkRest(rest: Uint8Array): void {
  if (rest.length > 4 && rest.some((byte) => byte !== rest[0])) throw damaged();
}

/** @returns how many bytes the blocks take; undefined where there are fewer */
function walkUnits(data: Uint8Array, blocks: readonly BlockKind[], units: number): number | undefined {
  const bits = data.length * 8;
  let bit = 0;
  for (let unit = 0; unit < units; unit += 1) {
    for (const kind of blocks) {
      const { wave, mostBits } = kind;
      let code = codeAt(kind.mean, sixteenBits(data, bit));
      const size = code & 255;
      if (code === 0 || size > 11) {
        if (bit + 16 > bits) return undefined;
        throw damaged();
      }
      bit += code >> 8;
      if (size > 0) {
        const value = sixteenBits(data, bit) >>> (16 - size);
        kind.previous += value >= 1 << (size - 1) ? value : value - (1 << size) + 1;
        if (bit <= bits && Math.abs(kind.previous) * kind.meanStep > mostMean + kind.meanStep) throw damaged();
      }
      bit += size;
      for (let place = 1; place < 64; place += 1) {
        code = codeAt(wave, sixteenBits(data, bit));
        if (code === 0) {
          if (bit + 16 > bits) return undefined;
          throw damaged();
        }
        bit += code >> 8;
        const length = code & 15;
        const run = (code >> 4) & 15;
        if (length === 0) {
          if (run < 15) break;
          place += 15;
          if (place > 63) throw damaged();
          continue;
        }
        place += run;
        if (place > 63 || length > mostBits[place]!) {
          if (bit > bits) return undefined;
          throw damaged();
        }
        bit += length;
      }
      if (bit > bits) return undefined;
    }
  }
  return Math.ceil(bit / 8);
}

/** @returns the length of the code times 256 plus its symbol; 0: there is no such code */
function codeAt({ short, ends, firsts, symbols }: CodeTable, sixteen: number): number {
  const found = short[sixteen >>> (16 - shortBits)]!;
  if (found !== 0) return found;
  for (let length = shortBits + 1; length <= 16; length += 1) {
    if (sixteen < ends[length]!) return (length << 8) | (symbols[firsts[length]! + (sixteen >>> (16 - length))] ?? 0);
  }
  return 0;
}

function sixteenBits(data: Uint8Array, bit: number): number {
  const at = bit >>> 3;
  return ((((data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!) >>> (8 - (bit & 7))) & 0xffff);
}

/** Where the next marker stands that is not a stuffed byte. */
function markerAfter(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next !== undefined && next !== 0 && next !== 0xff) return at;
  }
  return bytes.length;
}

/** The data as the encoder made them: behind each 0xff stands a zero in the file. */
function withoutStuffing(data: Buffer): Uint8Array {
  const plain = new Uint8Array(data.length);
  let [from, to] = [0, 0];
  for (let at = data.indexOf(0xff); at >= 0; at = data.indexOf(0xff, from)) {
    plain.set(data.subarray(from, at + 1), to);
    to += at + 1 - from;
    from = at + 1;
    while (data[from] === 0xff) from += 1;
    if (data[from] === 0) from += 1;
  }
  plain.set(data.subarray(from), to);
  return plain.subarray(0, to + data.length - from);
}

function damaged(): ImageProblem {
  return new ImageProblem('IMAGE_CORRUPT', 'it is damaged: in the middle of it stand codes that no picture has');
}
