import { failure } from '@cultivar/sdk';
import { writeFailure } from '@cultivar/sdk/internal';
import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { freshFolder, intoFolder, nameOfData } from '../output-folder.js';
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
  out?: string;
}

/** `cultivar preview DATA --augment NAME[:options] ...` */
export async function preview(data: string, options: PreviewOptions): Promise<number> {
  const terminal = new Terminal(options);
  const interruption = listenForInterruption((text) => terminal.tell(text));
  const { augment, images, views, size, seed, maxPixels, plugin, config, split, classFolders, csv } = options;
  try {
    const out = options.out === undefined ? join(freshFolder(`preview-${nameOfData(data)}`, process.cwd()), 'preview.png') : resolve(options.out);
    const sheet = await intoFolder(dirname(out), options.out, async () => {
      const fresh = await checkPlace(out);
      const drawn = await drawPreview(data, { augment, images, views, size, seed, maxPixels, split, classFolders, csv, plugins: plugin, config: configured(config), logger: terminal.logger, progress: terminal.progress, signal: interruption.signal });
      await writeFile(out, drawn.png, { flag: fresh ? 'wx' : 'w' }).catch((error: unknown) => {
        throw writeFailure(out, error);
      });
      return drawn;
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

/** Before the work begins. @returns whether nothing is there yet; a device or a pipe may be. @throws CultivarError OUTPUT_WRITE, OUTPUT_EXISTS */
async function checkPlace(out: string): Promise<boolean> {
  const there = await stat(out).catch(() => undefined);
  if (there?.isDirectory()) throw writeFailure(out, Object.assign(new Error('a folder is in the way'), { code: 'EISDIR' }));
  if (there?.isFile()) throw failure('OUTPUT_EXISTS', { path: out });
  await access(there ? out : dirname(out) + sep, constants.W_OK).catch((error: unknown) => {
    throw writeFailure(out, error);
  });
  return there === undefined;
}
