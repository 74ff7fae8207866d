import { writeFailure } from '@cultivar/sdk/internal';
import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { preview as drawPreview } from '../preview.js';
import type { ReadingSettings } from '../reading.js';
import { listenForInterruption } from './interruption.js';
import { configured } from './options.js';
import { Terminal } from './terminal.js';

interface PreviewOptions extends ReadingSettings {
  json?: boolean;
  quiet?: boolean;
  debug?: boolean;
  plugin?: string[];
  config?: string;
  augment?: string[];
  images?: number;
  views?: number;
  size?: number;
  seed?: number;
  maxPixels?: number;
  out: string;
}

/** `cultivar preview DATA --augment NAME[:options] ...` */
export async function preview(data: string, options: PreviewOptions): Promise<number> {
  const terminal = new Terminal(options);
  const interruption = listenForInterruption((text) => terminal.tell(text));
  const { augment, images, views, size, seed, maxPixels, plugin, config, split, classFolders, csv } = options;
  const out = resolve(options.out);
  try {
    await checkPlace(out);
    const sheet = await drawPreview(data, { augment, images, views, size, seed, maxPixels, split, classFolders, csv, plugins: plugin, config: configured(config), logger: terminal.logger, progress: terminal.progress, signal: interruption.signal });
    await writeFile(out, sheet.png).catch((error: unknown) => {
      throw writeFailure(out, error);
    });
    terminal.close();
    terminal.result({ data: resolve(data), picture: out, width: sheet.width, height: sheet.height, images: sheet.images },
      () => [`${out}: ${sheet.images.length} images, ${sheet.width} x ${sheet.height} pixels, originals on the left`]);
    return 0;
  } finally {
    interruption.release();
    terminal.close();
  }
}

/** Before the work begins. @throws CultivarError OUTPUT_WRITE */
async function checkPlace(out: string): Promise<void> {
  const there = await stat(out).catch(() => undefined);
  if (there?.isDirectory()) throw writeFailure(out, Object.assign(new Error('a folder is in the way'), { code: 'EISDIR' }));
  await access(there ? out : dirname(out) + sep, constants.W_OK).catch((error: unknown) => {
    throw writeFailure(out, error);
  });
}
