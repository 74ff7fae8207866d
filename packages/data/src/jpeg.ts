/** What kind of JPEG a file is, from its first frame header. After ITU-T T.81 (1992), table B.1. */
import { ImageProblem } from './image-problem.js';

/**
 * @returns whether it comes in several scans (progressive); false too where there is no frame header, which the decoder will say
 * @throws ImageProblem FORMAT_UNSUPPORTED for kinds that no decoder here reads
 */
export function checkJpegKind(bytes: Buffer): boolean {
  for (let at = 2; at + 5 <= bytes.length;) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else if (marker === 0xf7) throw unsupported('JPEG-LS');
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return kindOf(marker, bytes[at + 4]!);
    else if (marker === 0xda || marker === 0xd9) return false;
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return false;
}

function kindOf(marker: number, precision: number): boolean {
  if (marker === 0xc3) throw unsupported('lossless JPEG');
  if (marker === 0xcb) throw unsupported('lossless JPEG');
  if (marker > 0xc3 && marker !== 0xc9 && marker !== 0xca) throw unsupported('hierarchical JPEG');
  if (precision !== 8) throw unsupported(`JPEG of ${precision} bits`);
  return marker === 0xc2 || marker === 0xca;
}

function unsupported(kind: string): ImageProblem {
  return new ImageProblem('FORMAT_UNSUPPORTED', `it is a ${kind}, which is not read; save it as a JPEG of the usual kind, or as PNG`);
}
