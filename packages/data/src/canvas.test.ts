import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { difference, drawn, drawPixels, everyFormat, halves, makeFolder, plain, removeFolders } from '../test/drawn-images.js';
import { canvasFromPixels, decodeImage } from './canvas.js';

const raw = (pixels: Uint8Array, width: number, height: number, channels: 1 | 2 | 3 | 4 = 3) => sharp(pixels, { raw: { width, height, channels } });
const at = (canvas: Uint8Array, x: number, y: number, size = plain.size) => [...canvas.subarray((y * size + x) * 3, (y * size + x) * 3 + 3)];
const near = (found: number[], expected: number[], by = 3) => {
  expect(found).toHaveLength(expected.length);
  for (const [channel, value] of found.entries()) expect(Math.abs(value - expected[channel]!)).toBeLessThanOrEqual(by);
};
const doubled = (values: Uint8Array) => new Uint16Array(values).map((value) => value * 257);
const sixteen = (values: Uint8Array, channels: 1 | 3) => sharp(doubled(values), { raw: { width: 40, height: 40, channels } });

describe('decodeImage', () => {
  const formats = everyFormat(60, 45);
  const reference = canvasFromPixels(drawPixels(60, 45), 45, 60, plain);

  it.each(['jpeg', 'jpeg, progressive', 'png', 'png, interlaced', 'webp', 'webp, lossless', 'gif', 'avif', 'tiff, lzw', 'tiff, uncompressed', 'bmp'])('reads %s', async (format) => {
    const canvas = await decodeImage((await formats)[format]!, plain);
    expect(canvas).toHaveLength(32 * 32 * 3);
    const off = difference(canvas, await reference);
    if (/png|lossless|tiff|bmp/.test(format)) expect(off).toBe(0);
    else expect(off).toBeLessThan(8);
  });

  it('gives the same for a path and for its bytes, whatever the name says', async () => {
    const bytes = (await formats)['webp']!;
    const folder = await makeFolder({ 'odd [1] name.jpg': bytes });
    expect(await decodeImage(`${folder}/odd [1] name.jpg`, plain)).toEqual(await decodeImage(new Uint8Array(bytes), plain));
    await removeFolders();
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('applies EXIF orientation %i', async (orientation) => {
    const [width, height] = [48, 36];
    const upright = drawPixels(width, height);
    // EXIF: which side of the picture the first stored row and the first stored column are.
    const turned = orientation > 4;
    const [storedWidth, storedHeight] = turned ? [height, width] : [width, height];
    const pixels = new Uint8Array(upright.length);
    for (let row = 0; row < storedHeight; row += 1) {
      for (let column = 0; column < storedWidth; column += 1) {
        const [down, right] = turned ? [column, row] : [row, column];
        const y = [3, 4, 7, 8].includes(orientation) ? height - 1 - down : down;
        const x = [2, 3, 6, 7].includes(orientation) ? width - 1 - right : right;
        pixels.set(upright.subarray((y * width + x) * 3, (y * width + x) * 3 + 3), (row * storedWidth + column) * 3);
      }
    }
    const stored = await raw(pixels, storedWidth, storedHeight).png().toBuffer();
    const tagged = await sharp(stored).withMetadata({ orientation }).png().toBuffer();
    expect((await sharp(tagged).metadata()).orientation).toBe(orientation);
    for (const resize of ['stretch', 'crop', 'pad'] as const) {
      const preprocessing = { ...plain, resize };
      expect(difference(await decodeImage(tagged, preprocessing), await canvasFromPixels(upright, height, width, preprocessing))).toBeLessThan(0.5);
    }
  });

  it('spreads grey over three channels', async () => {
    const png = await raw(halves(40, 40, [50], [200]), 40, 40, 1).toColourspace('b-w').png().toBuffer();
    expect((await sharp(png).metadata()).channels).toBe(1);
    for (const resize of ['stretch', 'crop', 'pad'] as const) {
      const canvas = await decodeImage(png, { ...plain, resize });
      near(at(canvas, 2, 16), [50, 50, 50], 1);
      near(at(canvas, 29, 16), [200, 200, 200], 1);
    }
  });

  it('lays what is transparent onto white', async () => {
    const png = await raw(halves(40, 40, [255, 0, 0, 255], [0, 0, 255, 0]), 40, 40, 4).png().toBuffer();
    const canvas = await decodeImage(png, plain);
    near(at(canvas, 2, 16), [255, 0, 0], 1);
    near(at(canvas, 29, 16), [255, 255, 255], 1);
    const grey = await raw(halves(40, 40, [100, 255], [100, 128]), 40, 40, 2).png().toBuffer();
    const laid = await decodeImage(grey, plain);
    near(at(laid, 2, 16), [100, 100, 100], 2);
    near(at(laid, 29, 16), [177, 177, 177], 2);
  });

  it('brings 16 bits to 8, colour and grey', async () => {
    const colour = await sixteen(halves(40, 40, [10, 120, 250], [200, 90, 30]), 3).toColourspace('rgb16').png().toBuffer();
    expect((await sharp(colour).metadata()).depth).toBe('ushort');
    near(at(await decodeImage(colour, plain), 2, 16), [10, 120, 250], 1);
    const grey = await sixteen(halves(40, 40, [40], [220]), 1).toColourspace('grey16').png().toBuffer();
    expect((await sharp(grey).metadata()).depth).toBe('ushort');
    near(at(await decodeImage(grey, plain), 29, 16), [220, 220, 220], 1);
  });

  it('brings CMYK to sRGB', async () => {
    const jpeg = await raw(halves(64, 64, [255, 255, 255], [200, 40, 40]), 64, 64).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    expect((await sharp(jpeg).metadata()).space).toBe('cmyk');
    const canvas = await decodeImage(jpeg, plain);
    expect(canvas).toHaveLength(32 * 32 * 3);
    near(at(canvas, 3, 16), [255, 255, 255], 8);
    near(at(canvas, 28, 16), [200, 40, 40], 40);
  });

  it('follows an embedded ICC profile', async () => {
    const p3 = await raw(halves(64, 64, [255, 0, 0], [0, 160, 0]), 64, 64).png().withIccProfile('p3').toBuffer();
    expect((await sharp(p3).metadata()).icc).toBeDefined();
    // Stored in P3, the same colours have other numbers; decoded, they are the first ones again.
    expect([...(await sharp(p3, { ignoreIcc: true }).raw().toBuffer()).subarray(0, 3)]).not.toEqual([255, 0, 0]);
    const canvas = await decodeImage(p3, plain);
    near(at(canvas, 3, 16), [255, 0, 0], 6);
    near(at(canvas, 28, 16), [0, 160, 0], 6);
  });

  it.each(['gif', 'webp'] as const)('takes the first frame of an animated %s', async (format) => {
    const frames = Buffer.concat([halves(40, 40, [250, 10, 10], [250, 10, 10]), halves(40, 40, [10, 10, 250], [10, 10, 250])]);
    const animated = sharp(frames, { raw: { width: 40, height: 80, channels: 3, pageHeight: 40 } });
    const bytes = await (format === 'gif' ? animated.gif() : animated.webp({ quality: 100 })).toBuffer();
    expect((await sharp(bytes).metadata()).pages).toBe(2);
    near(at(await decodeImage(bytes, plain), 16, 16), [250, 10, 10], 6);
  });

  it('stretches, crops the middle, or pads with grey', async () => {
    const wide = await raw(halves(80, 20, [250, 0, 0], [0, 0, 250]), 80, 20).png().toBuffer();
    near(at(await decodeImage(wide, plain), 0, 0), [250, 0, 0]);
    const padded = await decodeImage(wide, { ...plain, resize: 'pad' });
    near(at(padded, 16, 0), [128, 128, 128], 0);
    near(at(padded, 16, 31), [128, 128, 128], 0);
    near(at(padded, 2, 16), [250, 0, 0]);
    const marked = halves(90, 30, [250, 0, 0], [250, 0, 0]);
    for (let y = 0; y < 30; y += 1) for (let x = 30; x < 60; x += 1) marked.set([0, 250, 0], (y * 90 + x) * 3);
    const cropped = await canvasFromPixels(marked, 30, 90, { ...plain, resize: 'crop' });
    near(at(cropped, 2, 16), [0, 250, 0]);
    near(at(cropped, 29, 16), [0, 250, 0]);
  });

  it('keeps cropFraction of the shorter side', async () => {
    const ring = halves(64, 64, [250, 0, 0], [250, 0, 0]);
    for (let y = 8; y < 56; y += 1) for (let x = 8; x < 56; x += 1) ring.set([0, 250, 0], (y * 64 + x) * 3);
    const all = await canvasFromPixels(ring, 64, 64, { ...plain, resize: 'crop' });
    near(at(all, 0, 0), [250, 0, 0]);
    const middle = await canvasFromPixels(ring, 64, 64, { ...plain, resize: 'crop', cropFraction: 0.7 });
    expect(middle).toHaveLength(32 * 32 * 3);
    for (const corner of [at(middle, 0, 0), at(middle, 31, 31)]) near(corner, [0, 250, 0]);
  });

  it('reads very long and very small images', async () => {
    const line = await raw(halves(3000, 1, [9, 9, 9], [9, 9, 9]), 3000, 1).png().toBuffer();
    const dot = await raw(Uint8Array.of(7, 8, 9), 1, 1).png().toBuffer();
    for (const resize of ['stretch', 'crop', 'pad'] as const) {
      expect(await decodeImage(line, { ...plain, resize })).toHaveLength(32 * 32 * 3);
      near(at(await decodeImage(dot, { ...plain, resize }), 16, 16), [7, 8, 9], 0);
    }
  });

  it('says what is wrong, and with which file', async () => {
    const folder = await makeFolder({ 'empty.jpg': '', 'text.png': 'not an image', 'drawing.png': '<?xml version="1.0"?>\n<svg width="1" height="1"/>' });
    await expect(decodeImage(`${folder}/none.jpg`, plain)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE', exit: 2, message: expect.stringContaining('no such file') });
    await expect(decodeImage(folder, plain)).rejects.toMatchObject({ message: expect.stringContaining('it is a folder') });
    await expect(decodeImage(`${folder}/empty.jpg`, plain)).rejects.toMatchObject({ message: expect.stringContaining('no bytes') });
    await expect(decodeImage(`${folder}/text.png`, plain)).rejects.toMatchObject({ message: expect.stringContaining('not a JPEG') });
    await expect(decodeImage(`${folder}/drawing.png`, plain)).rejects.toMatchObject({ message: expect.stringContaining('SVG') });
    await expect(decodeImage(Buffer.from('%PDF-1.7'), plain)).rejects.toMatchObject({ message: expect.stringContaining('PDF') });
    const jpeg = (await formats)['jpeg']!;
    await expect(decodeImage(jpeg.subarray(0, jpeg.length / 2), plain)).rejects.toMatchObject({ message: expect.stringContaining('cut off') });
    await removeFolders();
  });

  it('holds the cap on pixels in every format', async () => {
    for (const bytes of Object.values(await formats)) {
      await expect(decodeImage(bytes, plain, { maximumPixels: 2699 })).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE', message: expect.stringContaining('pixels') });
      await expect(decodeImage(bytes, plain, { maximumPixels: 2700 })).resolves.toHaveLength(3072);
    }
  });
});

describe('canvasFromPixels', () => {
  it('agrees with decodeImage of the same pixels', async () => {
    const pixels = drawPixels(70, 50);
    const png = await drawn(70, 50).png().toBuffer();
    for (const resize of ['stretch', 'crop', 'pad'] as const) {
      for (const kernel of ['linear', 'cubic', 'lanczos3'] as const) {
        const preprocessing = { ...plain, resize, kernel, cropFraction: 0.875 };
        expect(await canvasFromPixels(pixels, 50, 70, preprocessing)).toEqual(await decodeImage(png, preprocessing));
      }
    }
  });

  it('refuses pixels that are not an image of that size', async () => {
    await expect(canvasFromPixels(new Uint8Array(10), 2, 2, plain)).rejects.toThrow(/10 values/);
  });
});
