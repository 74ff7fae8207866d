import { silentLogger, silentProgress } from '@cultivar/kernel';
import type { Logger, Progress } from '@cultivar/sdk';
import { preview as drawPreview, type Preview } from '@cultivar/study';
import type { PluginEntry } from './define-config.js';
import { openKernel } from './kernel.js';
import { readingOf, type ReadingSettings } from './reading.js';
import { resolveReference, type Reference } from './references.js';
import { checkSettings } from './settings.js';
import { readyBackend } from './tensorflow.js';

export interface PreviewOptions extends ReadingSettings {
  /** Augmentations in the order of their use. Default those of the configuration file, or `flip` and `crop`. */
  augment?: readonly Reference[];
  /** Rows. Default 6. */
  images?: number;
  /** Augmented views of each image. Default 6. */
  views?: number;
  /** Side of a tile in pixels. Default 160. */
  size?: number;
  /** Default 0. */
  seed?: number;
  /** Pixels of an image at most; larger ones are set aside. Default 200 million. */
  maxPixels?: number;
  plugins?: readonly PluginEntry[];
  /** Configuration file; absent: the one in the working folder, if any; `false`: none. */
  config?: string | false;
  logger?: Logger;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * Draws a dataset under augmentations: a PNG with a row for each of some images, the original first.
 * @param data folder of images or CSV file
 * @throws CultivarError with a DATA_ code, CONTRIBUTION_UNKNOWN, OPTION_INVALID
 */
export async function preview(data: string, options: PreviewOptions = {}): Promise<Preview> {
  const { kernel, settings } = await openKernel({ plugins: options.plugins, config: options.config, logger: options.logger });
  const { split, classFolders, csv } = options;
  const reading = readingOf({ ...settings, ...checkSettings({ split, classFolders, csv }, 'given to preview()') });
  await readyBackend();
  const { images, views, size, seed = settings.seed, maxPixels = settings.maxPixels } = options;
  const asked = options.augment ?? settings.augment ?? ['flip', 'crop'];
  const augmentations = asked.length === 1 && asked[0] === 'none' ? [] : asked.map(resolveReference);
  return drawPreview(kernel, { data, reading, augmentations, images, views, size, seed, maxPixels }, {
    logger: options.logger ?? silentLogger,
    progress: options.progress ?? silentProgress,
    signal: options.signal ?? new AbortController().signal,
  });
}
