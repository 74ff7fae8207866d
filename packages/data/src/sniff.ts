/** What a file is, from its bytes alone: its name is never asked. */
import { isBitmap } from './bmp.js';
import { ImageProblem, truncated } from './image-problem.js';

export const imageFormats = ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff', 'bmp'] as const;
export type ImageFormat = (typeof imageFormats)[number];

/**
 * The kind of image by its first bytes.
 * @throws ImageProblem FILE_EMPTY, FORMAT_UNKNOWN, or FORMAT_UNSUPPORTED with what to do
 */
export function sniff(bytes: Buffer): ImageFormat {
  if (bytes.length === 0) throw new ImageProblem('FILE_EMPTY', 'it has no bytes');
  const text = (from: number, to: number) => bytes.toString('latin1', from, to);
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (text(0, 6) === 'GIF87a' || text(0, 6) === 'GIF89a') return 'gif';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp';
  if (/^(II[*+]\0|MM\0[*+])/.test(text(0, 4))) return 'tiff';
  if (isBitmap(bytes)) return 'bmp';
  if (text(4, 8) === 'ftyp') {
    if (bytes.length < Math.min(bytes.readUInt32BE(0), 256)) throw truncated();
    const brands = text(8, Math.min(bytes.readUInt32BE(0), 256));
    if (brands.startsWith('avis')) throw new ImageProblem('FORMAT_UNSUPPORTED', 'animated AVIF is not read; save its first frame');
    if (/avi[fs]/.test(brands)) return 'avif';
    if (/he[iv][cx]/.test(brands)) throw new ImageProblem('FORMAT_UNSUPPORTED', 'HEIC photos are not read; convert it to JPEG');
    throw new ImageProblem('FORMAT_UNSUPPORTED', 'it is a video or another kind of media file');
  }
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<svg/s.test(text(0, 1024))) throw new ImageProblem('FORMAT_UNSUPPORTED', 'SVG drawings are not read; convert it to PNG');
  if (text(0, 4) === '%PDF') throw new ImageProblem('FORMAT_UNSUPPORTED', 'it is a PDF; save its pages as PNG');
  if (text(0, 2) === '\xff\x0a' || text(4, 12) === 'JXL \r\n\x87\n') throw new ImageProblem('FORMAT_UNSUPPORTED', 'JPEG XL is not read; convert it to JPEG');
  throw new ImageProblem('FORMAT_UNKNOWN', 'it is not a JPEG, PNG, WebP, GIF, AVIF, TIFF or BMP image');
}
